package headwater.capture.raw;

import headwater.capture.raw.ChangeBatch.Committed;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.defaults.internal.data.DefaultColumnarBatch;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Lays changes out as the column batches that Kernel writes, one partition at a time. */
final class RawRows {
    private static final int BATCH = 1024;

    private final StructType schema;
    private final List<Layout> columns;
    private final Iterator<Committed> changes;
    private @Nullable Committed next;

    /** @param epoch source epoch of all changes */
    RawRows(StructType schema, int epoch, Iterator<Committed> changes) {
        this.schema = schema;
        this.columns = schema.fields().stream()
                .map(StructField::getName)
                .map(columns(epoch)::get)
                .toList();
        this.changes = changes;
        this.next = changes.hasNext() ? changes.next() : null;
    }

    boolean hasNext() {
        return next != null;
    }

    /** The partition of the next rows, in days since 1970-01-01. */
    int day() {
        return day(peek());
    }

    /** The rows from here that belong to the same partition. */
    CloseableIterator<FilteredColumnarBatch> ofDay() {
        int day = day();
        return new CloseableIterator<>() {
            @Override
            public boolean hasNext() {
                return next != null && day(next) == day;
            }

            @Override
            public FilteredColumnarBatch next() {
                List<Committed> rows = new ArrayList<>(BATCH);
                do {
                    rows.add(take());
                } while (hasNext() && rows.size() < BATCH);
                return batch(rows);
            }

            @Override
            public void close() {}
        };
    }

    private FilteredColumnarBatch batch(List<Committed> rows) {
        ColumnVector[] vectors = new ColumnVector[columns.size()];
        for (int column = 0; column < vectors.length; column++) {
            vectors[column] = columns.get(column).over(schema.at(column).getDataType(), rows);
        }
        return new FilteredColumnarBatch(new DefaultColumnarBatch(rows.size(), schema, vectors), Optional.empty());
    }

    private Committed peek() {
        if (next == null) {
            throw new NoSuchElementException();
        }
        return next;
    }

    private Committed take() {
        Committed taken = peek();
        next = changes.hasNext() ? changes.next() : null;
        return taken;
    }

    private static int day(Committed row) {
        return (int) Math.floorDiv(row.change().capturedAt(), TimeUnit.DAYS.toMicros(1));
    }

    private static Map<String, Layout> columns(int epoch) {
        return Map.ofEntries(
                Map.entry("source_epoch", number(row -> epoch)),
                Map.entry("commit_lsn", number(Committed::commitLsn)),
                Map.entry("tx_id", number(row -> row.change().txId())),
                Map.entry("tx_order", number(row -> row.change().order())),
                Map.entry("op", text(row -> row.change().operation().code())),
                Map.entry("source_schema", text(row -> row.change().schema())),
                Map.entry("source_table", text(row -> row.change().table())),
                Map.entry("key", text(row -> row.change().key())),
                Map.entry("old_key", text(row -> row.change().oldKey())),
                Map.entry("before", text(row -> row.change().before())),
                Map.entry("after", text(row -> row.change().after())),
                Map.entry("unchanged", text(row -> row.change().unchanged())),
                Map.entry("message", text(row -> row.change().message())),
                Map.entry("committed_at", number(row -> row.change().committedAt())),
                Map.entry("captured_at", number(row -> row.change().capturedAt())),
                Map.entry("schema_id", text(row -> row.change().schemaId())),
                Map.entry("attributes", text(row -> null)),
                Map.entry("captured_day", number(RawRows::day)));
    }

    private static Layout number(ToLongFunction<Committed> value) {
        return (type, rows) -> ChangeVector.number(type, rows, value);
    }

    private static Layout text(Function<Committed, @Nullable String> value) {
        return (type, rows) -> ChangeVector.text(type, rows, value);
    }

    private interface Layout {
        ColumnVector over(DataType type, List<Committed> rows);
    }
}
