package headwater.lake.bench;

import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Progress;
import headwater.lake.process.Remedy;
import headwater.lake.process.Sql;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A source table as Spark's own JDBC source reads it: in ranges of its numeric key, each a query and a transaction. */
public final class JdbcTable {
    private static final String KEY = "id";
    private static final int RANGES = 20;
    private static final int FETCH_SIZE = 10_000;

    private final SparkSession spark;
    private final SourceSettings source;
    private final SourceTable table;

    private record Bounds(long lower, long upper) {}

    public JdbcTable(SparkSession spark, SourceSettings source, SourceTable table) {
        this.spark = spark;
        this.source = source;
        this.table = table;
    }

    /** Copies all rows into a new Delta table that lies as a load does: same store, same codec, no statistics. */
    public void copy(String path, PrintStream out) {
        Bounds bounds = bounds();
        // not closed: it would print a total before the listener has heard of the last tasks
        Progress progress = new Progress(table.toString(), bounds.upper() - bounds.lower() + 1, out);
        SparkListener shown = new SparkListener() {
            @Override
            public void onTaskEnd(SparkListenerTaskEnd end) {
                progress.add(end.taskMetrics().outputMetrics().recordsWritten());
            }
        };
        spark.sparkContext().addSparkListener(shown);
        try {
            rows(bounds)
                    .write()
                    .format("delta")
                    .option("delta.dataSkippingNumIndexedCols", "0")
                    .save(path);
        } finally {
            spark.sparkContext().removeSparkListener(shown);
        }
    }

    private Dataset<Row> rows(Bounds bounds) {
        return spark.read()
                .format("jdbc")
                .option("driver", "org.postgresql.Driver")
                .option("url", source.url())
                .option("user", source.user())
                .option("password", source.password().value())
                .option("sslmode", source.tls())
                .option("dbtable", table.sql())
                .option("partitionColumn", KEY)
                .option("lowerBound", bounds.lower())
                .option("upperBound", bounds.upper())
                .option("numPartitions", RANGES)
                .option("fetchsize", FETCH_SIZE)
                .load();
    }

    private Bounds bounds() {
        String sql = "SELECT coalesce(min(" + KEY + "), 0), coalesce(max(" + KEY + "), 0) FROM " + table.sql();
        try (Connection connection = source.open()) {
            return new Sql(connection).one(sql, row -> new Bounds(row.getLong(1), row.getLong(2)));
        } catch (SQLException e) {
            throw new Failure(
                    Remedy.OPERATOR, "Cannot read the range of " + KEY + " of " + table + ": " + Failure.reason(e), e);
        }
    }
}
