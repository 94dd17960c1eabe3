package headwater.publish.status;

import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.ByteText;
import headwater.lake.process.Sql;
import headwater.lake.source.ReplicationSlot;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The source's end and its slot.
 *
 * @param end current end of the WAL
 * @param now the server's clock, which commit times are of as well
 * @param captured whether capture reads the slot
 * @param details of the slot, in order
 */
record SourceEnd(Lsn end, Instant now, boolean captured, Map<String, String> details) {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** What an idle source writes between two commits that only move capture's position: heartbeats, checkpoints. */
    private static final long IDLE_BYTES = 64 << 10;

    /** Between two such commits, and what one of them takes. */
    private static final Duration IDLE_TIME = Duration.ofSeconds(75);

    static SourceEnd read(SourceSettings source) throws SQLException {
        try (Connection connection = source.openBounded(PATIENCE)) {
            Optional<ReplicationSlot> slot = ReplicationSlot.read(connection, source.slot());
            boolean captured = slot.isPresent() && slot.get().activePid().isPresent();
            Map<String, String> details =
                    slot.map(SourceEnd::details).orElseGet(() -> Map.of("slot", "none, run \"headwater setup\""));
            return new Sql(connection)
                    .one(
                            "SELECT pg_current_wal_lsn()::text, extract(epoch FROM clock_timestamp())",
                            row -> new SourceEnd(
                                    Lsn.parse(row.getString(1)),
                                    Instant.ofEpochMilli(Math.round(row.getDouble(2) * 1000)),
                                    captured,
                                    details));
        }
    }

    private static Map<String, String> details(ReplicationSlot slot) {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("slot", slot.activePid().isPresent() ? "active" : "inactive");
        details.put("confirmed", slot.confirmed().map(Lsn::toString).orElse("none"));
        details.put("wal", slot.walStatus());
        details.put("retained", ByteText.of(slot.retained()));
        return details;
    }

    /**
     * How late raw/changes is: what it lacks was committed after what it has. Zero where it lacks nothing, or no more
     * than an idle source writes.
     *
     * @param lsn that raw/changes reaches
     * @param committedAt the source's commit time there
     */
    Duration lagAt(Lsn lsn, Instant committedAt) {
        Duration age = Duration.between(committedAt, now);
        boolean idle = captured && end.value() - lsn.value() < IDLE_BYTES && age.compareTo(IDLE_TIME) < 0;
        return !end.isAfter(lsn) || idle || age.isNegative() ? Duration.ZERO : age;
    }
}
