package headwater.publish.check;

import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Sql;
import headwater.lake.source.ReplicationSlot;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * PostgreSQL as a whole.
 *
 * @param version as in server_version_num
 * @param slots and the other pairs: how many are in use, of how many
 * @param keptWal max_slot_wal_keep_size as the server prints it
 * @param idleSlot idle_replication_slot_timeout in the same way; 0 before PostgreSQL 18
 * @param encoding of the database, such as UTF8
 */
record SourceServer(
        SourceSettings source,
        SourceRights rights,
        int version,
        String shownVersion,
        String walLevel,
        Use slots,
        Use walsenders,
        Use connections,
        String keptWal,
        String idleSlot,
        String encoding,
        Optional<String> clock) {
    private static final int OLDEST = 140_000;
    private static final int FAILOVER_SLOTS = 170_000;
    private static final int FEW_CONNECTIONS = 8;

    private static final String SETTINGS = """
            SELECT current_setting('server_version_num')::int, current_setting('server_version'),
                   current_setting('wal_level'),
                   (SELECT count(*) FROM pg_replication_slots), current_setting('max_replication_slots')::int,
                   (SELECT count(*) FROM pg_stat_replication), current_setting('max_wal_senders')::int,
                   (SELECT sum(numbackends) FROM pg_stat_database),
                   current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
                   coalesce(current_setting('max_slot_wal_keep_size', true), '-1'),
                   extract(epoch FROM clock_timestamp()),
                   coalesce(current_setting('idle_replication_slot_timeout', true), '0'),
                   current_setting('server_encoding')
            """;

    /** How many are in use, of how many. */
    record Use(int used, int most) {
        int free() {
            return Math.max(0, most - used);
        }

        @Override
        public String toString() {
            return free() + " of " + most;
        }
    }

    static SourceServer read(Connection connection, SourceSettings source) throws SQLException {
        SourceRights rights = SourceRights.read(connection);
        Instant before = Instant.now();
        return new Sql(connection)
                .one(
                        SETTINGS,
                        row -> new SourceServer(
                                source,
                                rights,
                                row.getInt(1),
                                row.getString(2).replaceFirst(" .*", ""),
                                row.getString(3),
                                new Use(row.getInt(4), row.getInt(5)),
                                new Use(row.getInt(6), row.getInt(7)),
                                new Use(row.getInt(8), row.getInt(9)),
                                row.getString(10),
                                row.getString(12),
                                row.getString(13),
                                new ServerClock(
                                                "PostgreSQL",
                                                Instant.ofEpochMilli(Math.round(row.getDouble(11) * 1000)))
                                        .warning(before, Instant.now())));
    }

    boolean isTooOld() {
        return version < OLDEST;
    }

    void look(Findings findings) {
        int before = findings.faults();
        if (isTooOld()) {
            findings.fault("Cannot use PostgreSQL " + shownVersion + " at " + source.url()
                    + ": needs 14 or newer. Upgrade it.");
        }
        if (!walLevel.equals("logical")) {
            findings.fault(
                    "Cannot capture from " + source.url() + ": wal_level is " + walLevel
                            + ". Set wal_level = logical in postgresql.conf (on RDS rds.logical_replication = 1) and restart the server.");
        }
        if (source.failover() && version < FAILOVER_SLOTS) {
            findings.fault("Cannot keep the slot on standbys of PostgreSQL " + shownVersion
                    + ": source.failover needs 17 or newer. Remove it, or upgrade the server.");
        }
        if (encoding.equals("SQL_ASCII")) {
            findings.fault("Cannot capture from the database " + source.database() + " at " + source.url()
                    + ": its encoding is SQL_ASCII, so nobody knows which characters its bytes are. Move it into a database"
                    + " with an encoding, such as UTF8.");
        }
        rights.lookForReplication(findings);
        if (findings.faults() == before) {
            findings.fine("PostgreSQL " + shownVersion + " at " + source.host() + ":" + source.port() + ": ok as "
                    + rights.role() + ", wal_level logical, free: " + slots + " slots, " + walsenders
                    + " walsenders, " + connections + " connections, TLS " + source.tls());
        }
        if (keptWal.equals("-1")) {
            findings.fine(
                    "PostgreSQL: note: max_slot_wal_keep_size is -1, so while capture is stopped the server keeps its WAL"
                            + " until the disk is full");
        }
        if (!idleSlot.equals("0")) {
            findings.warning("PostgreSQL drops the slot if capture is stopped for longer than"
                    + " idle_replication_slot_timeout = " + idleSlot
                    + ", and everything has to be loaded again then. Set it to 0 unless that is wanted.");
        }
        clock.ifPresent(findings::warning);
        transport().ifPresent(findings::warning);
    }

    /** Capture holds a slot and a walsender, a load one of each while it runs. */
    void lookForRoom(Optional<ReplicationSlot> slot, Findings findings) {
        lookForRoom("replication slots", "max_replication_slots", slots, slot.isPresent(), findings);
        boolean captured = slot.isPresent() && slot.get().activePid().isPresent();
        lookForRoom("walsenders", "max_wal_senders", walsenders, captured, findings);
        if (connections.free() < FEW_CONNECTIONS) {
            findings.warning(
                    "PostgreSQL has " + connections + " connections free (max_connections less the reserved ones), and"
                            + " capture takes 4 and backfill 2 and one per core. Raise max_connections, or close some.");
        }
    }

    private static void lookForRoom(String what, String setting, Use use, boolean captures, Findings findings) {
        List<String> needed = new ArrayList<>();
        if (!captures) {
            needed.add("capture needs one");
        }
        needed.add("backfill one while it runs");
        if (use.free() >= needed.size()) {
            return;
        }
        String text = "PostgreSQL has " + use + " " + what + " free (" + setting + "): " + String.join(", ", needed)
                + ". Raise " + setting + " and restart the server, or end what holds them.";
        if (!captures && use.free() == 0) {
            findings.fault(text);
        } else {
            findings.warning(text);
        }
    }

    private Optional<String> transport() {
        NetworkTrust trust = new NetworkTrust(source.host(), "source.tls.mode " + source.tls(), "verify-full");
        return switch (source.tls()) {
            case "disable" -> trust.unencrypted();
            case "require" -> trust.unverified();
            default -> Optional.empty();
        };
    }
}
