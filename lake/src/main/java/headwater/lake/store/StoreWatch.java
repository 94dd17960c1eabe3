package headwater.lake.store;

import headwater.lake.pipeline.LakeSettings;
import headwater.lake.process.Failure;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Timer;
import java.util.TimerTask;
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
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(10);
    private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);

    private final Path root;
    private final FileSystem store;
    private final Timer looks = new Timer("store-watch", true);
    private long silentSince;
    private long warnedAt;
    private boolean silent;

    private StoreWatch(Path root, FileSystem store) {
        this.root = root;
        this.store = store;
    }

    /** Looks while work runs. */
    public static void during(LakeSettings lake, Runnable work) {
        try (FileSystem store = FileSystem.newInstance(URI.create(lake.root()), LakeAccess.impatient(lake))) {
            StoreWatch watch = new StoreWatch(new Path(lake.root()), store);
            watch.start();
            try {
                work.run();
            } finally {
                watch.looks.cancel();
            }
        } catch (IOException e) {
            throw LakeAccess.unreachable(lake, e);
        }
    }

    private void start() {
        TimerTask look = new TimerTask() {
            @Override
            public void run() {
                look();
            }
        };
        looks.schedule(look, BETWEEN_LOOKS.toMillis(), BETWEEN_LOOKS.toMillis());
    }

    private void look() {
        long begun = System.nanoTime();
        try {
            store.getFileStatus(root);
            answered();
        } catch (FileNotFoundException nothingWrittenYet) {
            answered();
        } catch (IOException e) {
            unanswered(begun, e);
        }
    }

    private void answered() {
        if (silent) {
            LOG.info("The store of the lake answers again root={}", root);
        }
        silent = false;
    }

    private void unanswered(long begun, IOException e) {
        if (!silent) {
            silent = true;
            silentSince = begun;
        } else if (System.nanoTime() - warnedAt < BETWEEN_WARNINGS.toNanos()) {
            return;
        }
        warnedAt = System.nanoTime();
        LOG.warn(
                "The store of the lake has not answered for {} s root={} reason={}. It goes on by itself once the store answers.",
                Duration.ofNanos(warnedAt - silentSince).toSeconds(),
                root,
                Failure.reason(e));
    }
}
