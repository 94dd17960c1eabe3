package headwater.publish;

import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.SourceSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The source's end and its slot.
 *
 * @param end current end of the WAL
 * @param slotActive whether capture reads the slot
 * @param captureLag age of what capture was sent and has not confirmed, as the server measures it; null if unknown
 * @param details of the slot, in order
 */
record SourceState(Lsn end, boolean slotActive, @Nullable Duration captureLag, Map<String, String> details) {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final String STATE = """
            SELECT pg_current_wal_lsn()::text, s.slot_name IS NOT NULL, coalesce(s.active, false),
                   s.confirmed_flush_lsn::text, s.wal_status,
                   pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)),
                   (extract(epoch FROM r.flush_lag) * 1000)::bigint
            FROM (SELECT 1) one
            LEFT JOIN pg_replication_slots s ON s.slot_name = ?
            LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid
            """;

    static SourceState read(SourceSettings source) throws SQLException {
        try (Connection connection = source.openBounded(PATIENCE);
                PreparedStatement select = connection.prepareStatement(STATE)) {
            select.setString(1, source.slot());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                Map<String, String> details = new LinkedHashMap<>();
                boolean slot = row.getBoolean(2);
                if (slot) {
                    details.put("slot", row.getBoolean(3) ? "active" : "inactive");
                    details.put("confirmed", row.getString(4));
                    details.put("wal", row.getString(5));
                    details.put("retained", row.getString(6));
                } else {
                    details.put("slot", "none, run \"headwater setup\"");
                }
                long lag = row.getLong(7);
                Duration captureLag = row.wasNull() ? null : Duration.ofMillis(lag);
                return new SourceState(Lsn.parse(row.getString(1)), row.getBoolean(3), captureLag, details);
            }
        }
    }
}
