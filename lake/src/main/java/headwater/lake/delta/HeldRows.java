package headwater.lake.delta;

import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * A result that is computed once and used several times. Up to {@value #MOST} rows the driver holds it, so that joins
 * with it need no Spark job; more stay cached with the executors.
 */
public final class HeldRows implements AutoCloseable {
    private static final int MOST = 20_000;

    /** No rows, of no shape. */
    public static final HeldRows NONE = new HeldRows(new StructType(), List.of(), null);

    private final StructType schema;
    private final List<Row> local;
    private final Dataset<Row> cached;

    private HeldRows(StructType schema, List<Row> local, Dataset<Row> cached) {
        this.schema = schema;
        this.local = local;
        this.cached = cached;
    }

    /** Computes the rows. */
    public static HeldRows of(Dataset<Row> rows) {
        List<Row> first = rows.takeAsList(MOST + 1);
        return first.size() <= MOST
                ? new HeldRows(rows.schema(), first, null)
                : new HeldRows(rows.schema(), null, rows.persist(StorageLevel.MEMORY_AND_DISK()));
    }

    public boolean isEmpty() {
        return local != null && local.isEmpty();
    }

    /** The rows themselves, if they are few. */
    public Optional<List<Row>> rows() {
        return Optional.ofNullable(local);
    }

    /** How many they are; a Spark job if they are many. */
    public long count() {
        return local != null ? local.size() : cached.count();
    }

    public StructType schema() {
        return schema;
    }

    /** The rows for use in plans of a session. */
    public Dataset<Row> in(SparkSession session) {
        return local != null ? session.createDataFrame(local, schema) : cached;
    }

    @Override
    public void close() {
        if (cached != null) {
            cached.unpersist(false);
        }
    }
}
