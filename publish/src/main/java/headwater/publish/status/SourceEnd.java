package headwater.publish.status;

import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.SourceSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

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

    private static final String STATE = """
            SELECT pg_current_wal_lsn()::text, s.slot_name IS NOT NULL, coalesce(s.active, false),
                   s.confirmed_flush_lsn::text, s.wal_status,
                   pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)),
                   extract(epoch FROM clock_timestamp())
            FROM (SELECT 1) one LEFT JOIN pg_replication_slots s ON s.slot_name = ?
            """;

    static SourceEnd read(SourceSettings source) throws SQLException {
        try (Connection connection = source.openBounded(PATIENCE);
                PreparedStatement select = connection.prepareStatement(STATE)) {
            select.setString(1, source.slot());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                Map<String, String> details = new LinkedHashMap<>();
                if (row.getBoolean(2)) {
                    details.put("slot", row.getBoolean(3) ? "active" : "inactive");
                    details.put("confirmed", row.getString(4));
                    details.put("wal", row.getString(5));
                    details.put("retained", row.getString(6));
                } else {
                    details.put("slot", "none, run \"headwater setup\"");
                }
                Instant now = Instant.ofEpochMilli(Math.round(row.getDouble(7) * 1000));
                return new SourceEnd(Lsn.parse(row.getString(1)), now, row.getBoolean(3), details);
            }
        }
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
