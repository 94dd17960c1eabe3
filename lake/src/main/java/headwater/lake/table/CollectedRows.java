package headwater.lake.table;

import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * A result that is computed once and used several times. Up to 20,000 rows (system property {@code headwater.heldRows})
 * the driver holds it, so that joins with it need no Spark job; more stay cached with the executors.
 */
public final class CollectedRows implements AutoCloseable {
    private static final int MOST = Integer.getInteger("headwater.heldRows", 20_000);

    /** No rows, of no shape. */
    public static final CollectedRows NONE =
            new CollectedRows(new StructType(), Optional.of(List.of()), Optional.empty());

    private final StructType schema;
    private final Optional<List<Row>> local;
    private final Optional<Dataset<Row>> cached;

    private CollectedRows(StructType schema, Optional<List<Row>> local, Optional<Dataset<Row>> cached) {
        this.schema = schema;
        this.local = local;
        this.cached = cached;
    }

    /** Rows that the driver has already. */
    public static CollectedRows of(List<Row> rows, StructType schema) {
        return new CollectedRows(schema, Optional.of(rows), Optional.empty());
    }

    /** Computes the rows. */
    public static CollectedRows of(Dataset<Row> rows) {
        Optional<List<Row>> few = firstOf(rows);
        Optional<Dataset<Row>> cached =
                few.isPresent() ? Optional.empty() : Optional.of(rows.persist(StorageLevel.MEMORY_AND_DISK()));
        return new CollectedRows(rows.schema(), few, cached);
    }

    /** Whether the driver holds so many rows. */
    static boolean areFew(long rows) {
        return rows <= MOST;
    }

    /** Computes the rows if the driver can hold them. */
    public static Optional<List<Row>> firstOf(Dataset<Row> rows) {
        List<Row> first = rows.takeAsList(MOST + 1);
        return areFew(first.size()) ? Optional.of(first) : Optional.empty();
    }

    public boolean isEmpty() {
        return local.filter(List::isEmpty).isPresent();
    }

    /** How many they are. */
    public long size() {
        return local.map(rows -> (long) rows.size())
                .orElseGet(() -> cached.orElseThrow().count());
    }

    /** The rows themselves, if they are few. */
    public Optional<List<Row>> rows() {
        return local;
    }

    public StructType schema() {
        return schema;
    }

    /** The rows for use in plans of a session. */
    public Dataset<Row> in(SparkSession session) {
        // a view of them must belong to that session, not to the one that computed them
        return local.map(rows -> session.createDataFrame(rows, schema))
                .orElseGet(() -> Dataset.ofRows(
                        session, cached.orElseThrow().queryExecution().analyzed()));
    }

    @Override
    public void close() {
        cached.ifPresent(rows -> rows.unpersist(false));
    }
}
