package headwater.lake.pass;

import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart;

/** How many queries Spark has run, each of which costs planning, code and at least one job: what a small pass mostly pays for. */
final class SparkQueries extends SparkListener implements AutoCloseable {
    private static final long PATIENCE_MILLIS = 1_000;

    private final SparkContext context;
    private final AtomicLong started = new AtomicLong();

    private SparkQueries(SparkContext context) {
        this.context = context;
    }

    /** Counts from now on. */
    static SparkQueries of(SparkSession spark) {
        SparkQueries queries = new SparkQueries(spark.sparkContext());
        spark.sparkContext().addSparkListener(queries);
        return queries;
    }

    @Override
    public void onOtherEvent(SparkListenerEvent event) {
        if (event instanceof SparkListenerSQLExecutionStart) {
            started.incrementAndGet();
        }
    }

    /** Those that have begun so far; Spark tells of them a moment later. */
    long count() {
        try {
            context.listenerBus().waitUntilEmpty(PATIENCE_MILLIS);
        } catch (TimeoutException e) {
            // other listeners are slow: a figure that is too small is no reason to fail
            return started.get();
        }
        return started.get();
    }

    @Override
    public void close() {
        context.removeSparkListener(this);
    }
}
