package headwater.capture.raw;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits one batch at a time on a thread of its own, which nobody interrupts: the outcome of a commit that was broken off
 * would be unknown. All methods but {@link #await}, {@link #watch} and {@link #close} are for one thread.
 */
public final class CommitThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CommitThread.class);
    private static final Duration LONG = Duration.ofSeconds(30);

    private final RawWriter writer;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> new Thread(task, "commit"));
    private volatile @Nullable CompletableFuture<Void> running;
    private volatile long told = System.nanoTime();

    public CommitThread(RawWriter writer) {
        this.writer = writer;
    }

    /** Whether a batch may begin: none is under way, and the end of the last one was noticed. */
    public boolean idle() {
        return running == null;
    }

    /** Commits a batch and closes it. */
    public void begin(ChangeBatch batch) {
        told = System.nanoTime();
        running = CompletableFuture.runAsync(
                () -> {
                    try (batch) {
                        writer.commit(batch);
                    }
                },
                thread);
    }

    /**
     * Whether the batch under way is durable since the last call.
     *
     * @throws Failure why it is not
     */
    public boolean ended() {
        CompletableFuture<Void> batch = running;
        if (batch == null || !batch.isDone()) {
            return false;
        }
        try {
            batch.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof Failure failure
                    ? failure
                    : new Failure(Remedy.BUG, "Cannot commit: " + Failure.reason(e) + ". Please report this.", e);
        }
        running = null;
        return true;
    }

    /** Says that the store lets a commit wait, for as long as it does; to be called often. */
    public void watch() {
        CompletableFuture<Void> batch = running;
        if (batch != null && !batch.isDone() && System.nanoTime() - told > LONG.toNanos()) {
            told = System.nanoTime();
            LOG.warn(
                    "A commit to raw/changes has been under way for more than {} s: the store answers slowly, or not at"
                            + " all. It goes on by itself once the store answers.",
                    LONG.toSeconds());
        }
    }

    /** Waits for the batch under way, however it ends. */
    public void await() throws InterruptedException {
        CompletableFuture<Void> batch = running;
        if (batch != null) {
            try {
                batch.handle((nothing, error) -> error).get();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Waits for the batch under way: only then may the tables be opened again. */
    @Override
    public void close() {
        thread.shutdown();
        boolean interrupted = false;
        while (!thread.isTerminated()) {
            try {
                thread.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
