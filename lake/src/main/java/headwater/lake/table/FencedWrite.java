package headwater.lake.table;

import java.util.OptionalLong;
import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaConcurrentModificationException;
import org.apache.spark.sql.delta.TransactionExecutionObserver;

/** Gives a statement that takes no write options, such as MERGE, the position that its commit moves the table to. */
public final class FencedWrite {
    private static final String APP_ID = "spark.databricks.delta.write.txnAppId";
    private static final String POSITION = "spark.databricks.delta.write.txnVersion";

    /**
     * Runs one Delta statement, which commits with the SetTransaction. Both are settings of the session, which no other
     * thread may use meanwhile; left set they would silently skip the next statement.
     *
     * @param log of the one table that the statement writes to
     * @param from the position that the statement's source was computed from
     * @throws headwater.lake.process.Failure RETRY if the snapshot that the statement works on is at another position, or
     *     another writer commits before it does
     */
    public static void run(SparkSession session, TableLog log, String appId, long from, long to, Runnable statement) {
        RuntimeConfig settings = session.conf();
        settings.set(APP_ID, appId);
        settings.set(POSITION, to);
        try {
            TransactionExecutionObserver.withObserver(new PinnedStart(log, appId, from), () -> {
                statement.run();
                return null;
            });
            log.committedBySpark();
        } catch (DeltaConcurrentModificationException e) {
            throw log.conflict(OptionalLong.of(from), appId, e);
        } finally {
            settings.unset(POSITION);
            settings.unset(APP_ID);
        }
    }

    private FencedWrite() {}
}
