package headwater.publish.check;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A server's clock beside this machine's: lags and freshness are differences between the two. */
record ServerClock(String server, Instant shown) {
    private static final Duration TOLERATED = Duration.ofSeconds(5);

    /**
     * What to say if it differs by more than seconds.
     *
     * @param before this machine's time when the server was asked
     * @param after and when it had answered
     */
    Optional<String> warning(Instant before, Instant after) {
        boolean ahead = shown.isAfter(after);
        Duration difference = ahead
                ? Duration.between(after, shown)
                : shown.isBefore(before) ? Duration.between(shown, before) : Duration.ZERO;
        if (difference.compareTo(TOLERATED) <= 0) {
            return Optional.empty();
        }
        return Optional.of(
                "The clock of " + server + " is " + difference.toSeconds() + " s "
                        + (ahead ? "ahead of" : "behind")
                        + " this machine's: every lag and age that Headwater shows is wrong by as much. Let both follow a time server (NTP).");
    }
}
