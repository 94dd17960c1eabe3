package headwater.lake;

import headwater.lake.pipeline.LakeSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.store.NumberedObjects;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One merge per lake: the newest of the numbered objects in state/merge names the process that merges, which writes it
 * again every few seconds. Another one takes the lake over by creating the next number, which only one can: at once if the
 * owner gave it up or its process is dead on this machine, else once the object has not changed for a while by its own
 * clock, so that no two clocks are compared. An owner that slept meanwhile finds a later number and is refused.
 *
 * <p>The claim keeps two merges from doing the work twice and says who is at it; that a late writer changes nothing is
 * the commits' own doing.
 */
final class MergeClaim implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MergeClaim.class);
    private static final Duration RENEWAL = Duration.ofSeconds(5);
    private static final Duration ABANDONED = Duration.ofSeconds(30);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);
    private static final String GIVEN_UP = "given up";
    private static final long NONE = 0;
    private static final long FIRST = 1;

    private final NumberedObjects objects;
    private final String root;
    private final ClaimOwner me;
    private final Duration renewal;
    private final Duration abandoned;
    private final String id = UUID.randomUUID().toString();
    private @Nullable Timer renewals;
    private long renewed;
    private long number = NONE;

    /** @param root of the lake, for messages */
    MergeClaim(NumberedObjects objects, String root, ClaimOwner me, Duration renewal, Duration abandoned) {
        this.objects = objects;
        this.root = root;
        this.me = me;
        this.renewal = renewal;
        this.abandoned = abandoned;
    }

    /** The claim of this process on a lake, not yet held. */
    static MergeClaim of(LakeSettings lake) {
        try {
            NumberedObjects objects = new NumberedObjects(lake, lake.layout().mergeClaim());
            return new MergeClaim(objects, lake.root(), ClaimOwner.thisProcess(), RENEWAL, ABANDONED);
        } catch (IOException e) {
            throw unreachable(lake.root(), e);
        }
    }

    /**
     * Takes the lake, or makes sure that it is still ours; to be called before each pass.
     *
     * @throws Failure RETRY if another merge is at it, or the store does not answer
     */
    synchronized void hold() {
        try {
            if (number != NONE && objects.exists(number + 1)) {
                stopRenewals();
                number = NONE;
                throw refused(
                        objects.read(objects.newest()).orElse(GIVEN_UP), "took over while this one did not answer");
            }
            while (number == NONE) {
                take();
            }
        } catch (IOException e) {
            throw unreachable(root, e);
        }
    }

    private void take() throws IOException {
        long newest = objects.newest();
        if (newest != NONE) {
            awaitFree(newest);
        }
        if (objects.create(newest + 1, text())) {
            number = newest + 1;
            LOG.info("Claimed the lake root={} claim={}", root, number);
            objects.delete(newest);
            renewals = new Timer("merge-claim", true);
            TimerTask again = new TimerTask() {
                @Override
                public void run() {
                    renew();
                }
            };
            renewals.schedule(again, renewal.toMillis(), renewal.toMillis());
        }
    }

    /** Returns once nobody holds the number any more. */
    private void awaitFree(long claimed) throws IOException {
        Optional<String> first = objects.read(claimed);
        long since = System.nanoTime();
        boolean told = false;
        while (first.isPresent() && !isFree(first.get())) {
            if (System.nanoTime() - since >= abandoned.toNanos()) {
                LOG.warn(
                        "Taking the lake over from a merge that has not been heard of for {} s: {}",
                        abandoned.toSeconds(),
                        name(first.get()));
                return;
            }
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            Optional<String> now = objects.read(claimed);
            if (now.isPresent() && !now.get().equals(first.get()) && !isFree(now.get())) {
                throw refused(now.get(), "is at it");
            }
            if (!now.equals(first)) {
                return;
            }
            if (!told && System.nanoTime() - since > 2 * renewal.toNanos()) {
                told = true;
                LOG.info("Waiting whether another merge still lives: {}", name(first.get()));
            }
        }
    }

    private void stopRenewals() {
        if (renewals != null) {
            renewals.cancel();
            renewals = null;
        }
    }

    private static boolean isFree(String text) {
        // a file that was only just created is empty
        return text.equals(GIVEN_UP) || (!text.isEmpty() && ClaimOwner.of(text).isDeadHere());
    }

    private static String name(String text) {
        return text.isEmpty() || text.equals(GIVEN_UP)
                ? "which has ended"
                : ClaimOwner.of(text).name();
    }

    private synchronized void renew() {
        try {
            if (number != NONE && !objects.exists(number + 1)) {
                renewed++;
                objects.replace(number, text());
            }
        } catch (IOException | RuntimeException e) {
            // the next one may succeed; if none does, the next pass finds out
            LOG.debug("Renewing the claim failed", e);
        }
    }

    private String text() {
        return me.text() + " " + id + " " + renewed;
    }

    private static Failure unreachable(String root, IOException e) {
        return new Failure(
                Remedy.RETRY,
                "Cannot claim the lake at " + root + " for this merge: " + Failure.reason(e)
                        + ". Check that the store is up and may be written.",
                e);
    }

    private Failure refused(String other, String what) {
        return new Failure(
                Remedy.RETRY,
                "Cannot merge into " + root + ": another merge " + what + ", "
                        + (other.equals(GIVEN_UP)
                                ? "which has ended"
                                : ClaimOwner.of(other).name())
                        + ". Run one merge per lake, or wait until that one is done.");
    }

    /** Gives the lake up, so that the next merge need not wait. */
    @Override
    public synchronized void close() {
        stopRenewals();
        try (objects) {
            if (number == FIRST && !objects.exists(FIRST + 1)) {
                // nobody was ever overtaken: nobody has to find a later number
                objects.delete(FIRST);
            } else if (number != NONE && !objects.exists(number + 1)) {
                objects.replace(number, GIVEN_UP);
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("The claim was not given up; it ends by itself", e);
        }
        number = NONE;
    }
}
