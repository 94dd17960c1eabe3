package headwater.lake.store;

import headwater.lake.pipeline.LakeSettings;
import headwater.lake.process.Failure;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a lake's store now and then whether it is there, beside a service's work, and says so when it does not answer:
 * Hadoop and the AWS SDK try a silent store again for minutes, without a word.
 */
public final class StoreWatch {
    private static final Logger LOG = LoggerFactory.getLogger(StoreWatch.class);
    private static final Duration BETWEEN_QUESTIONS = Duration.ofSeconds(10);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(25);
    private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);

    private final Path root;
    private final FileSystem store;
    private volatile long answeredAt = System.nanoTime();
    private volatile String reason = "no answer";
    private long warnedAt;
    private boolean silent;

    private StoreWatch(Path root, FileSystem store) {
        this.root = root;
        this.store = store;
    }

    /** Watches while work runs. */
    public static void during(LakeSettings lake, Runnable work) {
        // a question may take as long as the store is silent, so that another thread looks at the clock
        ScheduledExecutorService threads = Executors.newScheduledThreadPool(2, task -> {
            Thread thread = new Thread(task, "store-watch");
            thread.setDaemon(true);
            return thread;
        });
        try (FileSystem store = FileSystem.newInstance(URI.create(lake.root()), LakeAccess.impatient(lake))) {
            StoreWatch watch = new StoreWatch(new Path(lake.root()), store);
            schedule(threads, watch::ask, BETWEEN_QUESTIONS);
            schedule(threads, watch::look, BETWEEN_LOOKS);
            work.run();
        } catch (IOException e) {
            throw LakeAccess.unreachable(lake, e);
        } finally {
            threads.shutdownNow();
        }
    }

    private static void schedule(ScheduledExecutorService threads, Runnable task, Duration every) {
        ScheduledFuture<?> unused =
                threads.scheduleWithFixedDelay(task, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void ask() {
        try {
            store.getFileStatus(root);
            answeredAt = System.nanoTime();
        } catch (FileNotFoundException nothingWrittenYet) {
            answeredAt = System.nanoTime();
        } catch (IOException e) {
            reason = Failure.reason(e);
        } catch (RuntimeException e) {
            // a schedule ends with the first exception, and says nothing
            reason = e.toString();
        }
    }

    private void look() {
        long now = System.nanoTime();
        Duration since = Duration.ofNanos(now - answeredAt);
        if (since.compareTo(PATIENCE) < 0) {
            if (silent) {
                LOG.info("The store of the lake answers again root={}", root);
            }
            silent = false;
        } else if (!silent || now - warnedAt >= BETWEEN_WARNINGS.toNanos()) {
            silent = true;
            warnedAt = now;
            LOG.warn(
                    "The store of the lake has not answered for {} s root={} reason={}. It is tried on, and the work goes on by itself once the store answers.",
                    since.toSeconds(),
                    root,
                    reason);
        }
    }
}
