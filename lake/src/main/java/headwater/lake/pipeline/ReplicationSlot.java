package headwater.lake.pipeline;

import headwater.lake.contract.Lsn;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The pipeline's replication slot as PostgreSQL's catalog has it.
 *
 * @param activePid the walsender that reads it
 * @param confirmed how far PostgreSQL may have dropped its WAL; empty when the slot is lost
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
        boolean failover,
        Optional<String> invalidation) {
    /** The output plugin that capture decodes. */
    public static final String PLUGIN = "pgoutput";

    /** What to do where a slot cannot be read any more. */
    public static final String ANEW = "Run \"headwater teardown\" and \"headwater setup\", then \"headwater capture"
            + " --accept-loss\", which goes on in the same lake, and \"headwater backfill --table\" for each table.";

    /** A load without a slot would be in vain. */
    public static Failure missing(String slot) {
        return new Failure(
                Remedy.OPERATOR,
                "Cannot load: the source has no replication slot \"" + slot
                        + "\", so changes after the load would be lost. Run \"./headwater setup\" first.");
    }

    /** The slot that the source names, or empty if there is none. */
    public static Optional<ReplicationSlot> read(Connection connection, SourceSettings source) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("""
                SELECT coalesce(plugin, 'none, it is physical'), coalesce(database, 'none'), active_pid, wal_status,
                       confirmed_flush_lsn::text, coalesce((to_jsonb(slot) ->> 'failover')::boolean, false),
                       to_jsonb(slot) ->> 'invalidation_reason'
                FROM pg_replication_slots AS slot WHERE slot_name = ?""")) {
            query.setString(1, source.slot());
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? Optional.of(of(source.slot(), row)) : Optional.empty();
            }
        }
    }

    private static ReplicationSlot of(String name, ResultSet row) throws SQLException {
        long pid = row.getLong(3);
        OptionalLong activePid = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(pid);
        return new ReplicationSlot(
                name,
                row.getString(1),
                row.getString(2),
                activePid,
                row.getString(4),
                Optional.ofNullable(row.getString(5)).map(Lsn::parse),
                row.getBoolean(6),
                Optional.ofNullable(row.getString(7)));
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
