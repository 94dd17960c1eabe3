package headwater.lake.source;

import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The pipeline's replication slot as PostgreSQL's catalog has it.
 *
 * @param activePid the walsender that reads it
 * @param confirmed how far PostgreSQL may have dropped its WAL; empty when the slot is lost
 * @param behind bytes of WAL written since {@code confirmed}
 * @param retained bytes of WAL that the server keeps for it
 * @param safe bytes that may still be written before PostgreSQL gives it up (safe_wal_size); empty without
 *     max_slot_wal_keep_size
 * @param failover whether standbys keep it as well; never before PostgreSQL 17
 * @param invalidation why PostgreSQL gave it up, in its own word; never before PostgreSQL 17
 */
public record ReplicationSlot(
        String name,
        String plugin,
        String database,
        OptionalLong activePid,
        String walStatus,
        Optional<Lsn> confirmed,
        long behind,
        long retained,
        OptionalLong safe,
        boolean failover,
        Optional<String> invalidation) {
    /** The output plugin that capture decodes. */
    public static final String PLUGIN = "pgoutput";

    /** What to do where a slot cannot be read any more. */
    public static final String ANEW = "Run \"headwater teardown\" and \"headwater setup\", then \"headwater capture"
            + " --accept-loss\", which goes on in the same lake, and \"headwater backfill --table\" for each table.";

    private static final String READ = """
            SELECT coalesce(plugin, 'none, it is physical'), coalesce(database, 'none'), active_pid, wal_status,
                   confirmed_flush_lsn::text, pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn),
                   pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), safe_wal_size,
                   coalesce((to_jsonb(slot) ->> 'failover')::boolean, false), to_jsonb(slot) ->> 'invalidation_reason'
            FROM pg_replication_slots AS slot WHERE slot_name = ?""";

    /** A load without a slot would be in vain. */
    public static Failure missing(String slot) {
        return new Failure(
                Remedy.OPERATOR,
                "Cannot load: the source has no replication slot \"" + slot
                        + "\", so changes after the load would be lost. Run \"./headwater setup\" first.");
    }

    /** The slot of that name, or empty if there is none. */
    public static Optional<ReplicationSlot> read(Connection connection, String name) throws SQLException {
        return new Sql(connection)
                .first(
                        READ,
                        row -> new ReplicationSlot(
                                name,
                                row.getString(1),
                                row.getString(2),
                                number(row, 3),
                                row.getString(4),
                                Optional.ofNullable(row.getString(5)).map(Lsn::parse),
                                row.getLong(6),
                                row.getLong(7),
                                number(row, 8),
                                row.getBoolean(9),
                                Optional.ofNullable(row.getString(10))),
                        name);
    }

    private static OptionalLong number(ResultSet row, int column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
    }

    /** The reasons of <a href="https://www.postgresql.org/docs/current/view-pg-replication-slots.html">the catalog</a>. */
    private String cause() {
        return switch (invalidation.orElse("")) {
            case "rows_removed" -> "PostgreSQL no longer has catalog rows that it needs (rows_removed)";
            case "wal_level_insufficient" -> "PostgreSQL gave it up since wal_level was no longer logical";
            case "idle_timeout" ->
                "nobody read it for longer than idle_replication_slot_timeout, so PostgreSQL gave it up";
            default ->
                "PostgreSQL no longer has the WAL that it needs (wal_status " + walStatus
                        + ", see max_slot_wal_keep_size)";
        };
    }

    /** Why the pipeline cannot use it and what to do, or empty if it can. */
    public Optional<String> fault(SourceSettings source) {
        String why = null;
        if (!plugin.equals(PLUGIN)) {
            why = "its plugin is " + plugin + ", not " + PLUGIN
                    + ". It belongs to something else: give source.slot another name.";
        } else if (!database.equals(source.database())) {
            why = "it is of the database " + database + ", not " + source.database()
                    + ". Give source.slot another name.";
        } else if ("lost".equals(walStatus) || confirmed.isEmpty()) {
            why = cause() + ". " + ANEW;
        }
        return Optional.ofNullable(why).map(reason -> "Cannot use the replication slot " + name + ": " + reason);
    }
}
