package headwater.lake.table;

import static java.util.stream.Collectors.toSet;
import static org.apache.spark.sql.functions.lit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.OptimisticTransaction;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;
import org.jspecify.annotations.Nullable;
import scala.Option;

/**
 * A part of a table without deletion vectors, that the driver holds and changes in one commit, with the images of its rows in
 * the change feed; the files that hold changed rows are written anew. If the files that the part lies in have few rows, the
 * driver holds them whole, and the only Spark job is the one that reads them.
 *
 * <p>The caller is the table's only writer: what {@link #read} saw must still be so at the commit, or that fails.
 */
public final class PartitionEdits {

    /** Which rows of a table belong to the part. */
    public interface Bounds {
        /** Whether the part may have rows with these values of the partition columns. */
        boolean mayHold(Map<String, @Nullable Object> partition);

        /** Whether a row that has the table's columns in order is one of the part. */
        boolean holds(Row row);

        /** The rows of the part among those with the table's columns and further ones. */
        Dataset<Row> of(Dataset<Row> rows);
    }

    /** How many times more rows the driver takes of whole files than it holds otherwise: for a moment, and to spare two joins. */
    private static final int WHOLE = 5;
    /** Of Parquet; as rows they are some twenty times as much. */
    private static final long WHOLE_BYTES = 8L << 20;

    private final SparkSession session;
    private final TableLog log;
    private final KeyColumns key;
    private final List<String> partitions;
    private final long seen;
    private final List<AddFile> files;
    private final List<LocatedRow> rows;
    private final Optional<List<LocatedRow>> whole;

    /** @param whole all rows of the files that it lies in, if the driver holds them */
    private PartitionEdits(
            SparkSession session,
            TableLog log,
            KeyColumns key,
            List<String> partitions,
            long seen,
            List<AddFile> files,
            List<LocatedRow> rows,
            Optional<List<LocatedRow>> whole) {
        this.session = session;
        this.log = log;
        this.key = key;
        this.partitions = partitions;
        this.seen = seen;
        this.files = files;
        this.rows = rows;
        this.whole = whole;
    }

    /**
     * Reads the part; empty if it has too many rows for the driver.
     */
    public static Optional<PartitionEdits> read(SparkSession session, TableLog log, List<String> key, Bounds bounds) {
        KeyColumns rowKey = new KeyColumns(key, log.schema());
        List<String> partitions = log.partitions();
        long seen = log.version();
        List<AddFile> files = log.files().actions().stream()
                .filter(file -> bounds.mayHold(partition(file, partitions, rowKey.schema())))
                .toList();
        Dataset<Row> located = LocatedRow.located(log.files().rows(session, files), rowKey.schema(), lit(-1L));
        if (isKeptByRows(rowKey.schema()) && areFew(files)) {
            List<LocatedRow> all = found(located.collectAsList(), rowKey.schema());
            return Optional.of(new PartitionEdits(
                    session,
                    log,
                    rowKey,
                    partitions,
                    seen,
                    files,
                    all.stream().filter(row -> bounds.holds(row.row())).toList(),
                    Optional.of(all)));
        }
        return CollectedRows.firstOf(bounds.of(located))
                .map(some -> new PartitionEdits(
                        session, log, rowKey, partitions, seen, files, found(some, rowKey.schema()), Optional.empty()));
    }

    /** Its rows. */
    public List<LocatedRow> rows() {
        return rows;
    }

    /** The key of a row that has the table's columns in order. */
    public Row keyOf(Row row) {
        return key.of(row);
    }

    /** Commits edits of the part and the position that they move the table to; returns the new version. */
    public long commit(List<RowEdit> edits, String appId, long position) {
        OptimisticTransaction transaction = log.commits().begin(appId, seen);
        List<LocatedRow> gone =
                edits.stream().flatMap(edit -> edit.before().stream()).toList();
        List<AddFile> touched = RowEdit.filesOf(log, edits, files, transaction);
        List<Action> actions = new ArrayList<>(
                new EditedFiles(session, log, key, partitions).write(transaction, edits, kept(touched, gone)));
        touched.forEach(file -> actions.add(file.remove()));
        return log.commits().commit(transaction, actions, appId, position);
    }

    /** The rows of files that hold rows which are gone, without those. */
    private CollectedRows kept(List<AddFile> files, List<LocatedRow> gone) {
        Set<Row> keys = gone.stream().map(row -> keyOf(row.row())).collect(toSet());
        if (files.isEmpty()) {
            return CollectedRows.NONE;
        }
        if (whole.isEmpty()) {
            return CollectedRows.many(key.join(log.files().rows(session, files), keys, "left_anti"));
        }
        Set<String> names = gone.stream().map(LocatedRow::file).collect(toSet());
        List<Row> kept = whole.get().stream()
                .filter(row -> names.contains(row.file()) && !keys.contains(keyOf(row.row())))
                .map(LocatedRow::row)
                .toList();
        return CollectedRows.of(kept, key.schema());
    }

    private static List<LocatedRow> found(List<Row> rows, StructType schema) {
        RowShape shape = new RowShape(schema);
        return rows.stream().map(row -> LocatedRow.of(row, shape)).toList();
    }

    private static boolean areFew(List<AddFile> files) {
        long rows = 0;
        long bytes = 0;
        for (AddFile file : files) {
            Option<Object> some = file.numPhysicalRecords();
            if (some.isEmpty()) {
                return false;
            }
            rows += (Long) some.get();
            bytes += file.size();
        }
        return CollectedRows.areFew(rows / WHOLE) && bytes <= WHOLE_BYTES;
    }

    /** Rows that stay must stay as they are: java.sql.Date has no 5 to 14 October 1582, which ISO 8601 and PostgreSQL have. */
    private static boolean isKeptByRows(StructType schema) {
        return Arrays.stream(schema.fields())
                .noneMatch(field -> field.dataType() instanceof DateType || field.dataType() instanceof TimestampType);
    }

    private static Map<String, @Nullable Object> partition(AddFile file, List<String> names, StructType schema) {
        Map<String, @Nullable Object> values = new HashMap<>();
        for (String name : names) {
            values.put(
                    name,
                    PartitionText.value(
                            file.partitionValues().get(name).get(),
                            schema.apply(name).dataType()));
        }
        return values;
    }
}
