package headwater.lake.delta;

import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.sql.SparkSession;

/** Gives a statement that takes no write options, such as MERGE, the position that its commit moves the table to. */
public final class FencedWrite {
    private static final String APP_ID = "spark.databricks.delta.write.txnAppId";
    private static final String POSITION = "spark.databricks.delta.write.txnVersion";

    /**
     * Runs one Delta statement, which commits with the SetTransaction, or does nothing if the table is already there.
     * Both are settings of the session, which no other thread may use meanwhile; left set they would silently skip the
     * next statement.
     */
    public static void run(SparkSession session, String appId, long position, Runnable statement) {
        RuntimeConfig settings = session.conf();
        settings.set(APP_ID, appId);
        settings.set(POSITION, position);
        try {
            statement.run();
        } finally {
            settings.unset(POSITION);
            settings.unset(APP_ID);
        }
    }

    private FencedWrite() {}
}
