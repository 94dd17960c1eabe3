package headwater.capture.partd.load;

import headwater.lake.process.Shutdown;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Statements that may run for minutes, of which PostgreSQL does not say how far they are: says every few seconds which one
 * runs and how long, and cancels it as soon as a shutdown is requested.
 */
final class LongStatements implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LongStatements.class);
    private static final long LOOK_EVERY_MS = 100;
    private static final long SAY_EVERY_MS = 5_000;

    private final Connection connection;
    private final Shutdown shutdown;
    private final PrintStream out;
    private final ScheduledExecutorService watch = new ScheduledThreadPoolExecutor(1, LongStatements::daemon);
    private volatile @Nullable Running running;

    /** A statement that runs now. */
    private static final class Running {
        private final String what;
        private final long startedAt = System.nanoTime();
        private long saidAtMs;

        Running(String what) {
            this.what = what;
        }

        long elapsedMs() {
            return (System.nanoTime() - startedAt) / 1_000_000;
        }
    }

    /** Work that ends with a value. */
    interface Work<T> {
        T run() throws SQLException;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // look() throws nothing that the future could tell
    LongStatements(Connection connection, Shutdown shutdown, PrintStream out) {
        this.connection = connection;
        this.shutdown = shutdown;
        this.out = out;
        watch.scheduleWithFixedDelay(this::look, LOOK_EVERY_MS, LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
    }

    /**
     * Runs statements on the connection.
     *
     * @param what they do, as a line of their own
     * @throws SQLException also if they were cancelled
     */
    <T> T run(String what, Work<T> work) throws SQLException {
        out.println(what);
        running = new Running(what);
        try {
            return work.run();
        } finally {
            running = null;
        }
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }

    private void look() {
        Running now = running;
        if (now == null) {
            return;
        }
        if (shutdown.requested()) {
            cancel();
        } else if (now.elapsedMs() - now.saidAtMs >= SAY_EVERY_MS) {
            now.saidAtMs = now.elapsedMs();
            out.println(now.what + ": " + now.saidAtMs / 1000 + " s");
        }
    }

    /** Again at each look: a request that comes between two statements cancels neither. */
    private void cancel() {
        try {
            connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            LOG.debug("Cannot cancel the running statement", e);
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "long-statements");
        thread.setDaemon(true);
        return thread;
    }
}
