package headwater.lake.process;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits between attempts of a step that may pass by itself: 1 s at first, doubled up to a ceiling, which is never
 * exceeded, and from the start again after {@link #succeeded()}. Every fifth failure of one kind is an error with its
 * stack trace.
 */
public final class Retry {
    private static final Logger LOG = LoggerFactory.getLogger(Retry.class);
    private static final Duration FIRST = Duration.ofSeconds(1);
    /** What has failed so often in the same way hardly passes by itself. */
    private static final int ALARM = 5;

    private final Duration ceiling;
    private Duration next;
    private String last = "";
    private int same;

    public Retry(Duration ceiling) {
        this.ceiling = ceiling;
        this.next = atMost(FIRST);
    }

    /** Logs the failure with its reason and waits until the next attempt is due or {@code shutdown} is requested. */
    public void after(String step, Throwable thrown, Shutdown shutdown) {
        String reason = thrown instanceof Failure ? thrown.getMessage() : Failure.reason(thrown);
        same = last.equals(step + reason) ? same + 1 : 1;
        last = step + reason;
        if (same % ALARM == 0) {
            LOG.error(
                    "{} has failed {} times in the same way and is tried again inSeconds={} reason={}",
                    step,
                    same,
                    next.toSeconds(),
                    reason,
                    thrown);
        } else {
            LOG.warn("{} failed and is tried again inSeconds={} reason={}", step, next.toSeconds(), reason);
        }
        shutdown.await(next);
        next = atMost(next.multipliedBy(2));
    }

    public void succeeded() {
        next = atMost(FIRST);
        last = "";
        same = 0;
    }

    private Duration atMost(Duration wait) {
        return wait.compareTo(ceiling) > 0 ? ceiling : wait;
    }
}
