package headwater.publish.delta;

import headwater.publish.delta.FeedFile.Content;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.internal.deletionvectors.RoaringBitmapArray;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.MetadataColumnSpec;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the rows of curated files, batch by batch. */
public final class RowReader {
    private static final String CHANGE_TYPE = "_change_type";
    private static final String PLACE = "_place";

    private final Engine engine;
    private final List<CuratedColumn> columns;

    public RowReader(Engine engine, List<CuratedColumn> columns) {
        this.engine = engine;
        this.columns = columns;
    }

    /** Hands every row of a file to the sink, until the sink is full. */
    public void read(FeedFile file, RowSink sink) {
        List<StructField> fields = new ArrayList<>();
        for (CuratedColumn column : columns) {
            // a partition column's value is in the log, not in the file
            if (!file.partition().containsKey(column.name())) {
                fields.add(new StructField(column.name(), column.type(), true));
            }
        }
        if (file.content() == Content.CHANGES) {
            fields.add(new StructField(CHANGE_TYPE, StringType.STRING, true));
        }
        Optional<RoaringBitmapArray> hidden = file.hidden().map(rows -> rows.places(engine));
        if (hidden.isPresent()) {
            fields.add(StructField.createMetadataColumn(PLACE, MetadataColumnSpec.ROW_INDEX));
        }
        FileStatus status = FileStatus.of(file.path(), file.size(), 0);
        try (CloseableIterator<FileReadResult> batches = engine.getParquetHandler()
                .readParquetFiles(Utils.singletonCloseableIterator(status), new StructType(fields), Optional.empty())) {
            while (batches.hasNext() && !sink.full()) {
                read(batches.next().getData(), file, hidden, sink);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read(ColumnarBatch batch, FeedFile file, Optional<RoaringBitmapArray> hidden, RowSink sink) {
        Object[] partition = new Object[columns.size()];
        ColumnVector[] vectors = new ColumnVector[columns.size()];
        for (int i = 0; i < vectors.length; i++) {
            CuratedColumn column = columns.get(i);
            String name = column.name();
            if (file.partition().containsKey(name)) {
                partition[i] = column.value(file.partition().get(name));
            } else {
                vectors[i] = batch.getColumnVector(batch.getSchema().indexOf(name));
            }
        }
        Optional<ColumnVector> changeType = file.content() == Content.CHANGES
                ? Optional.of(batch.getColumnVector(batch.getSchema().indexOf(CHANGE_TYPE)))
                : Optional.empty();
        Optional<ColumnVector> places =
                hidden.map(any -> batch.getColumnVector(batch.getSchema().indexOf(PLACE)));
        for (int at = 0; at < batch.getSize(); at++) {
            if (hidden.isPresent() && hidden.get().contains(places.orElseThrow().getLong(at))) {
                continue;
            }
            Object[] row = partition.clone();
            for (int i = 0; i < vectors.length; i++) {
                if (vectors[i] != null) {
                    row[i] = columns.get(i).value(vectors[i], at);
                }
            }
            if (isDeletion(file, changeType, at)) {
                sink.deletion(file.version(), row);
            } else {
                sink.row(file.version(), row);
            }
        }
    }

    private static boolean isDeletion(FeedFile file, Optional<ColumnVector> changeType, int at) {
        return switch (file.content()) {
            case ROWS -> false;
            case REMOVED_ROWS -> true;
            case CHANGES -> isDeletion(file, changeType.orElseThrow().getString(at));
        };
    }

    private static boolean isDeletion(FeedFile file, String changeType) {
        return switch (changeType) {
            case "insert", "update_postimage" -> false;
            case "delete", "update_preimage" -> true;
            default -> throw new IllegalStateException("Unknown _change_type " + changeType + " in " + file.path());
        };
    }
}
