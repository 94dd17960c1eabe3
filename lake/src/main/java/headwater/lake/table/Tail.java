package headwater.lake.table;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.JavaConverters;

/**
 * Small files that a commit of edits takes out of the table and writes together with its own rows. Each commit leaves one, and
 * without this the thousandth would have a thousand to look into.
 *
 * @param files of which no row stays where it is
 * @param rows that they hold, those aside that the edits change
 */
record Tail(List<AddFile> files, List<Row> rows) {
    /** So many small files of a partition are left alone: reading them costs a Spark job. */
    private static final int LEFT_ALONE = 8;
    /** Live rows and bytes of a small file: what a commit holds in memory beside its own rows is bounded in both. */
    private static final long SMALL_ROWS = 10_000;

    private static final long SMALL_BYTES = 4L << 20;
    /** Of all that are written together. */
    private static final long MOST_ROWS = 20_000;

    private static final long MOST_BYTES = 8L << 20;

    static final Tail NONE = new Tail(List.of(), List.of());

    /** The tail that a commit takes. */
    static Tail of(SparkSession session, TableLog log, StructType schema, List<AddFile> files, List<RowEdit> edits) {
        List<AddFile> taken = taken(files);
        if (taken.isEmpty()) {
            return NONE;
        }
        RowShape shape = new RowShape(schema);
        Set<String> changed = new HashSet<>();
        edits.forEach(edit -> edit.before().ifPresent(old -> changed.add(place(old))));
        List<Row> rows = LocatedRow.located(log.files().rows(session, taken), schema).collectAsList().stream()
                .map(row -> LocatedRow.of(row, shape))
                .filter(row -> !changed.contains(place(row)))
                .map(LocatedRow::row)
                .toList();
        return new Tail(taken, rows);
    }

    private static String place(LocatedRow row) {
        return row.file() + " " + row.index();
    }

    /** The smallest files of each partition that has many, up to what is written together. */
    static List<AddFile> taken(List<AddFile> files) {
        Map<Map<String, String>, List<AddFile>> byPartition = new HashMap<>();
        files.stream()
                .filter(file -> live(file) <= SMALL_ROWS && file.size() <= SMALL_BYTES)
                .forEach(file -> byPartition
                        .computeIfAbsent(JavaConverters.mapAsJavaMap(file.partitionValues()), any -> new ArrayList<>())
                        .add(file));
        List<AddFile> taken = new ArrayList<>();
        for (List<AddFile> small : byPartition.values()) {
            if (small.size() > LEFT_ALONE) {
                small.sort(Comparator.comparingLong(Tail::live));
                long rows = 0;
                long bytes = 0;
                for (AddFile file : small) {
                    rows += live(file);
                    bytes += file.size();
                    if (rows > MOST_ROWS || bytes > MOST_BYTES) {
                        break;
                    }
                    taken.add(file);
                }
            }
        }
        return taken;
    }

    /** Rows of a file that are not hidden; as many as can be where the log does not say it. */
    private static long live(AddFile file) {
        Option<Object> all = file.numPhysicalRecords();
        long hidden = file.deletionVector() == null ? 0 : file.deletionVector().cardinality();
        return all.isDefined() ? (Long) all.get() - hidden : Long.MAX_VALUE;
    }
}
