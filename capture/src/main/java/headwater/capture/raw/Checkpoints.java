package headwater.capture.raw;

import headwater.lake.process.Failure;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.CheckpointAlreadyExistsException;
import io.delta.kernel.hook.PostCommitHook;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the checkpoints of one table beside the commits: with a file for every second of weeks one takes longer than many
 * commits. One at a time, and not more than a twentieth of the time; one that is left out only makes a later start read
 * more entries.
 */
final class Checkpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
    private static final int SHARE = 20;

    private final AtomicBoolean running = new AtomicBoolean();
    private final AtomicBoolean written = new AtomicBoolean();
    private volatile long notBefore = System.nanoTime();

    /** Begins a checkpoint, unless one is under way or was just now. */
    void begin(PostCommitHook hook, Engine engine, String path) {
        if (System.nanoTime() - notBefore < 0 || !running.compareAndSet(false, true)) {
            LOG.debug("Left out a checkpoint path={}", path);
            return;
        }
        Thread thread = new Thread(() -> write(hook, engine, path), "checkpoint");
        // half a checkpoint is none: nobody has to wait for it
        thread.setDaemon(true);
        thread.start();
    }

    /** Whether a checkpoint was written since the last call. */
    boolean written() {
        return written.getAndSet(false);
    }

    private void write(PostCommitHook hook, Engine engine, String path) {
        long startedAt = System.nanoTime();
        invoke(hook, engine, path);
        long took = System.nanoTime() - startedAt;
        LOG.debug(
                "Wrote a checkpoint path={} tookMs={}",
                path,
                Duration.ofNanos(took).toMillis());
        notBefore = System.nanoTime() + SHARE * took;
        written.set(true);
        running.set(false);
    }

    /** Does what Kernel wants done after a commit. The rows are committed already: without it reading the log is slower. */
    static void invoke(PostCommitHook hook, Engine engine, String path) {
        try {
            hook.threadSafeInvoke(engine);
        } catch (CheckpointAlreadyExistsException e) {
            LOG.debug("The checkpoint exists already", e);
        } catch (IOException | RuntimeException e) {
            LOG.warn(
                    "Cannot maintain the log of path={} hook={} reason={}; the next one is due later",
                    path,
                    hook.getType(),
                    Failure.reason(e));
        }
    }
}
