package headwater.lake.process;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits between attempts of a step that may pass by itself: 1 s at first, doubled up to a ceiling, which is never
 * exceeded, and from the start again after {@link #succeeded()}.
 */
public final class Retry {
    private static final Logger LOG = LoggerFactory.getLogger(Retry.class);
    private static final Duration FIRST = Duration.ofSeconds(1);

    private final Duration ceiling;
    private Duration next;

    public Retry(Duration ceiling) {
        this.ceiling = ceiling;
        this.next = atMost(FIRST);
    }

    /** Logs the failure with its reason and waits until the next attempt is due or {@code shutdown} is requested. */
    public void after(String step, Throwable thrown, Shutdown shutdown) {
        String reason = thrown instanceof Failure ? thrown.getMessage() : Failure.reason(thrown);
        LOG.warn("{} failed and is tried again inSeconds={} reason={}", step, next.toSeconds(), reason);
        shutdown.await(next);
        next = atMost(next.multipliedBy(2));
    }

    public void succeeded() {
        next = atMost(FIRST);
    }

    private Duration atMost(Duration wait) {
        return wait.compareTo(ceiling) > 0 ? ceiling : wait;
    }
}
