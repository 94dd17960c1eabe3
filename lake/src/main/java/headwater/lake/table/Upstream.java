package headwater.lake.table;

import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** A table that curated tables are computed from. */
public interface Upstream {

    /** By which the SQL of curated tables reads it. */
    String name();

    TableLog log();

    /** The app id that its positions stand under. */
    String appId();

    /** The rows that others see, with {@link #columns}, for plans of a session. */
    Dataset<Row> live(SparkSession reader);

    /** Whether others see a row, over the columns that the table has. */
    Column isLive();

    /** The columns that others see. */
    StructType columns();

    /** The net images of the last commit, if it began at a position and the driver held them. */
    Optional<List<Row>> changedSince(long from);
}
