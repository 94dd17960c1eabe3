package headwater.lake.table;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.OptimisticTransaction;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Option;

/**
 * A few rows of a table with deletion vectors, that the driver holds and changes in one commit, with their images in the
 * change feed: what MERGE does, for changes that the driver holds. MERGE plans two joins with every column and runs dozens of
 * small jobs; this is one look-up by Spark, and files that the driver writes.
 *
 * <p>The caller is the table's only writer: what was looked up must still be so at the commit, or that fails.
 */
public final class RowEdits {

    /** Which rows of a table are looked up. */
    public interface Bounds {
        /** Whether there may be some with these values of the partition columns. */
        boolean mayHold(Map<String, @Nullable Object> partition);

        /** Whether a row that has the table's columns in order is one of them. */
        boolean holds(Row row);

        /** Those among rows with the table's columns and further ones. */
        Dataset<Row> of(Dataset<Row> rows);
    }

    /** How many times more rows the driver takes of whole files than it holds otherwise: for a moment, and to spare two joins. */
    private static final int WHOLE = 5;
    /** Of Parquet; as rows they are some twenty times as much. */
    private static final long WHOLE_BYTES = 8L << 20;

    private final SparkSession session;
    private final TableLog log;
    private final KeyColumns key;
    private final long seen;
    private final List<AddFile> all;
    private final List<AddFile> files;
    private final List<LocatedRow> rows;

    /**
     * @param seen the version that was looked into, {@code all} its files
     * @param files those of them that may hold a row
     */
    private RowEdits(
            SparkSession session,
            TableLog log,
            KeyColumns key,
            long seen,
            List<AddFile> all,
            List<AddFile> files,
            List<LocatedRow> rows) {
        this.session = session;
        this.log = log;
        this.key = key;
        this.seen = seen;
        this.all = all;
        this.files = files;
        this.rows = rows;
    }

    /**
     * Looks up the rows that have the key of one of the given rows.
     *
     * @param wanted rows with the key's columns where the table has them
     */
    public static RowEdits ofKeys(SparkSession session, TableLog log, List<String> key, List<Row> wanted) {
        KeyColumns columns = new KeyColumns(key, log.schema());
        long seen = log.version();
        List<Row> keys = wanted.stream().map(columns::of).toList();
        List<AddFile> all = log.files().actions();
        List<AddFile> files = columns.filesOf(all, keys);
        if (files.isEmpty()) {
            return new RowEdits(session, log, columns, seen, all, files, List.of());
        }
        Dataset<Row> found = columns.among(located(session, log, columns, files), keys);
        return new RowEdits(session, log, columns, seen, all, files, rows(found.collectAsList(), columns));
    }

    /** Looks up the rows within bounds; empty if they are too many for the driver. */
    public static Optional<RowEdits> within(SparkSession session, TableLog log, List<String> key, Bounds bounds) {
        KeyColumns columns = new KeyColumns(key, log.schema());
        List<String> partitions = log.partitions();
        long seen = log.version();
        List<AddFile> all = log.files().actions();
        List<AddFile> files = all.stream()
                .filter(file -> bounds.mayHold(partition(file, partitions, columns.schema())))
                .toList();
        Dataset<Row> located = located(session, log, columns, files);
        Optional<List<LocatedRow>> rows = areFew(files)
                ? Optional.of(rows(located.collectAsList(), columns).stream()
                        .filter(row -> bounds.holds(row.row()))
                        .toList())
                : CollectedRows.firstOf(bounds.of(located)).map(some -> rows(some, columns));
        return rows.map(found -> new RowEdits(session, log, columns, seen, all, files, found));
    }

    private static Dataset<Row> located(SparkSession session, TableLog log, KeyColumns key, List<AddFile> files) {
        return LocatedRow.located(log.files().rows(session, files), key.schema());
    }

    private static List<LocatedRow> rows(List<Row> found, KeyColumns key) {
        RowShape shape = new RowShape(key.schema());
        return found.stream().map(row -> LocatedRow.of(row, shape)).toList();
    }

    /** What was found. */
    public List<LocatedRow> rows() {
        return rows;
    }

    /** The same by their keys. */
    public Map<Row, LocatedRow> byKey() {
        Map<Row, LocatedRow> found = new HashMap<>();
        for (LocatedRow one : rows) {
            if (found.put(key.of(one.row()), one) != null) {
                throw new Failure(
                        Remedy.OPERATOR,
                        "Cannot change rows of " + log.root()
                                + ": it holds a key more than once, as after rows were added"
                                + " by hand. Take them out, or stop \"./headwater merge\", remove the table in both cleansed and"
                                + " rejected, and run \"./headwater backfill\".");
            }
        }
        return found;
    }

    /** The key of a row that has the table's columns in order. */
    public Row keyOf(Row row) {
        return key.of(row);
    }

    /** Commits edits of what was found and the position that they move the table to; returns the new version. */
    public long commit(List<RowEdit> edits, String appId, long position) {
        OptimisticTransaction transaction = log.commits().begin(appId, seen);
        List<AddFile> touched = RowEdit.filesOf(log, edits, files);
        Tail tail = Tail.of(session, log, key.schema(), all, edits);
        List<Action> actions = new ArrayList<>(
                new EditedFiles(session, log, key, log.partitions()).write(transaction, edits, tail.rows()));
        tail.files().forEach(file -> actions.add(file.remove()));
        actions.addAll(DeletionVectors.of(
                log,
                touched.stream().filter(file -> !tail.files().contains(file)).toList(),
                edits));
        return log.commits().commit(transaction, actions, appId, position);
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
