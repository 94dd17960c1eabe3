package headwater.capture.source;

import headwater.lake.pipeline.CaptureSettings;
import headwater.lake.process.ByteText;
import headwater.lake.process.DurationText;
import headwater.lake.source.ReplicationSlot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the slot keeps of the source's WAL at one moment.
 *
 * @param retained bytes of WAL that the slot keeps on the source's disk
 * @param lag bytes of WAL written since the confirmed position
 * @param walStatus as in pg_replication_slots: reserved, extended, unreserved or lost
 * @param safe bytes that may still be written before PostgreSQL gives the slot up (safe_wal_size); empty without
 *     max_slot_wal_keep_size
 */
record SlotHealth(Instant at, long retained, long lag, String walStatus, OptionalLong safe) {
    /** A shorter one mistakes the end of an outage for a trend. */
    private static final Duration LEAST_SPAN = Duration.ofMinutes(3);

    static SlotHealth of(Instant at, ReplicationSlot slot) {
        return new SlotHealth(at, slot.retained(), slot.behind(), slot.walStatus(), slot.safe());
    }

    /** At the pace since an earlier look, when PostgreSQL gives the slot up; empty if it comes no nearer. */
    Optional<Duration> untilLost(SlotHealth earlier) {
        Duration span = Duration.between(earlier.at, at);
        if (safe.isEmpty() || earlier.safe.isEmpty() || span.compareTo(LEAST_SPAN) < 0) {
            return Optional.empty();
        }
        long used = earlier.safe.getAsLong() - safe.getAsLong();
        return used <= 0
                ? Optional.empty()
                : Optional.of(
                        Duration.ofSeconds((long) (Math.max(0, safe.getAsLong()) / (double) used * span.toSeconds())));
    }

    /** What a person should know, each with its remedy. */
    List<String> warnings(SlotHealth earlier, CaptureSettings limits) {
        List<String> warnings = new ArrayList<>();
        if (walStatus.equals("unreserved")) {
            warnings.add("The slot is about to be lost, and every change not yet captured with it: it keeps "
                    + ByteText.of(retained) + ", more than max_slot_wal_keep_size. Raise max_slot_wal_keep_size now");
        }
        if (retained >= limits.warnWal()) {
            warnings.add("The slot keeps " + ByteText.of(retained) + " of WAL on the source's disk, "
                    + ByteText.of(lag) + " not yet captured. Look whether capture keeps up, whether the lake can be "
                    + "written, and for transactions that have been open for long");
        }
        untilLost(earlier)
                .filter(left -> left.compareTo(limits.warnBefore()) < 0)
                .ifPresent(left -> warnings.add("At the pace of the last "
                        + DurationText.rounded(Duration.between(earlier.at, at))
                        + " the slot is lost in " + DurationText.rounded(left)
                        + ": capture falls behind. Raise max_slot_wal_keep_size, or find out what holds capture up"));
        return warnings;
    }
}
