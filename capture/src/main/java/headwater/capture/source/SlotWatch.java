package headwater.capture.source;

import headwater.lake.pipeline.CaptureSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.watch.SourceWatch;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns before the slot fills the source's disk or is lost: of all that capture can do to a database, that is the worst;
 * and says what happens to the source tables without an event.
 * Looks through the session of the {@link SlotClaim}, and so notices as well if the claim is gone.
 */
public final class SlotWatch {
    private static final Logger LOG = LoggerFactory.getLogger(SlotWatch.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(10);
    private static final Duration PACE_OVER = Duration.ofMinutes(10);
    private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(10);

    private final SlotClaim claim;
    private final SourceWatch tables;
    private final CaptureSettings limits;
    private final Clock clock;
    private final Deque<SlotHealth> seen = new ArrayDeque<>();
    private Instant nextLook = Instant.MIN;
    private Instant nextWarning = Instant.MIN;
    private boolean warned;

    public SlotWatch(SlotClaim claim, SourceWatch tables, CaptureSettings limits, Clock clock) {
        this.claim = claim;
        this.tables = tables;
        this.limits = limits;
        this.clock = clock;
    }

    /**
     * Looks if it is time to; to be called often.
     *
     * @throws Failure RETRY if the session of the claim has ended or a key has changed, OPERATOR if the slot is gone or
     *     lost
     */
    public void look() {
        Instant now = clock.instant();
        if (now.isBefore(nextLook)) {
            return;
        }
        nextLook = now.plus(BETWEEN_LOOKS);
        try {
            claim.slot();
            judge(claim.health(now));
            claim.look(tables).forEach(LOG::error);
            tables.requireSameIdentities();
        } catch (SQLException e) {
            throw new Failure(Remedy.RETRY, "The session that holds the slot's claim ended: " + Failure.reason(e), e);
        }
    }

    private void judge(SlotHealth health) {
        seen.addLast(health);
        while (Duration.between(seen.getFirst().at(), health.at()).compareTo(PACE_OVER) > 0) {
            seen.removeFirst();
        }
        LOG.debug(
                "Slot retained={} lag={} walStatus={} safe={}",
                health.retained(),
                health.lag(),
                health.walStatus(),
                health.safe());
        List<String> warnings = health.warnings(seen.getFirst(), limits);
        if (!warnings.isEmpty() && !health.at().isBefore(nextWarning)) {
            warnings.forEach(LOG::warn);
            nextWarning = health.at().plus(BETWEEN_WARNINGS);
        }
        if (warned && warnings.isEmpty()) {
            LOG.info("The slot is well again retained={} lag={}", health.retained(), health.lag());
            nextWarning = Instant.MIN;
        }
        warned = !warnings.isEmpty();
    }
}
