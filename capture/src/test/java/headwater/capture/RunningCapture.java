package headwater.capture;

import headwater.lake.contract.CommitId;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Shutdown;
import io.delta.kernel.Snapshot;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A capture service in a thread of this JVM. */
public final class RunningCapture implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofMinutes(2);

    /** Prefix of the message that follows all that a test has done. */
    private static final String END = "test.end";

    private final Shutdown shutdown = new Shutdown();
    private final CompletableFuture<Void> run;
    private final Pipeline pipeline;
    private final RawReader reader;

    public RunningCapture(Pipeline pipeline) {
        this(pipeline, false);
    }

    public RunningCapture(Pipeline pipeline, boolean acceptLoss) {
        this.pipeline = pipeline;
        this.reader = new RawReader(pipeline.lake());
        this.run = CompletableFuture.runAsync(
                () -> new CaptureService(pipeline, acceptLoss, DEADLINE, Duration.ofSeconds(1), Duration.ofMillis(100))
                        .run(shutdown),
                task -> new Thread(task, "capture").start());
    }

    /** Waits until raw/changes holds everything that the source has committed now; all its rows. */
    public List<Map<String, Object>> awaitAll(TestingSource source) throws Exception {
        awaitPosition(source);
        List<Map<String, Object>> rows = reader.changes();
        rows.removeIf(row -> ("{\"prefix\":\"" + END + "\",\"content\":\"\"}").equals(row.get("message")));
        return rows;
    }

    /** Waits until raw/changes holds everything that the source has committed now. */
    void awaitPosition(TestingSource source) throws SQLException {
        long before = source.lsn("SELECT pg_current_wal_insert_lsn()");
        source.execute("SELECT pg_logical_emit_message(true, '" + END + "', '')");
        await(() -> reached() > before);
    }

    /** The LSN of the newest commit of raw/changes, or 0. */
    long reached() {
        return reader.snapshot()
                .flatMap(snapshot -> snapshot.getLatestTransactionVersion(
                        reader.engine(), CommitId.capture(pipeline.source().slot(), 1)))
                .orElse(0L);
    }

    /** Waits for one more commit of raw/changes. */
    void awaitCommit() {
        awaitCommits(1);
    }

    void awaitCommits(int more) {
        long start = version();
        await(() -> version() >= start + more);
    }

    RawReader reader() {
        return reader;
    }

    private long version() {
        return reader.snapshot().map(Snapshot::getVersion).orElse(0L);
    }

    /** Waits for a condition, as long as the service runs. */
    public void await(BooleanSupplier condition) {
        await(
                () -> {
                    if (run.isDone()) {
                        run.join();
                    }
                    return condition.getAsBoolean();
                },
                DEADLINE);
    }

    public static void await(BooleanSupplier condition, Duration time) {
        long deadline = System.nanoTime() + time.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("Not so within " + time);
            }
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        }
    }

    /** Waits for the service to end by itself; throws what it ended with. */
    public void join() {
        try {
            run.join();
        } finally {
            shutdown.close();
        }
    }

    /** Stops the service as Ctrl-C does. */
    @Override
    public void close() {
        shutdown.request();
        join();
    }
}
