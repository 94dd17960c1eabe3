package headwater.capture.engine;

import headwater.capture.raw.ChangeBatch;
import java.time.Duration;

/**
 * When a batch is committed.
 *
 * @param interval between commits under light traffic: what it costs in freshness and saves in commits
 * @param bytes commits earlier
 * @param positionInterval between commits that only move the position
 */
public record FlushPolicy(Duration interval, long bytes, Duration positionInterval) {

    /** How long a batch may still wait; zero if it is due, {@link #NEVER} if there is nothing to commit. */
    Duration wait(ChangeBatch batch, Duration sinceLastCommit) {
        if (!batch.moved()) {
            return NEVER;
        }
        if (batch.bytes() >= bytes) {
            return Duration.ZERO;
        }
        Duration wait = (batch.rows() > 0 ? interval : positionInterval).minus(sinceLastCommit);
        return wait.isNegative() ? Duration.ZERO : wait;
    }

    static final Duration NEVER = Duration.ofDays(365_000);
}
