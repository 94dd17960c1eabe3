package headwater.lake.process;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits between attempts of a step that may pass by itself: 1 s at first, doubled up to a ceiling, from the start again
 * after {@link #succeeded()}.
 */
public final class Retry {
    private static final Logger LOG = LoggerFactory.getLogger(Retry.class);
    private static final Duration FIRST = Duration.ofSeconds(1);

    private final Duration ceiling;
    private Duration next = FIRST;

    public Retry(Duration ceiling) {
        this.ceiling = ceiling;
    }

    /** Logs the failure with its reason and waits until the next attempt is due or {@code shutdown} is requested. */
    public void after(String step, Throwable thrown, Shutdown shutdown) {
        String reason = thrown instanceof Failure ? thrown.getMessage() : Failure.reason(thrown);
        LOG.warn("{} failed and is tried again inSeconds={} reason={}", step, next.toSeconds(), reason);
        shutdown.await(next);
        Duration doubled = next.multipliedBy(2);
        next = doubled.compareTo(ceiling) > 0 ? ceiling : doubled;
    }

    public void succeeded() {
        next = FIRST;
    }
}
