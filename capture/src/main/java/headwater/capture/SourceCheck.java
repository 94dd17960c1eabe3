package headwater.capture;

import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.Lsn;
import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.ReplicationSlot;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks before each start of the engine whether the source still has every change that raw/changes lacks. Debezium does
 * not: it creates a missing slot at the current position and streams from a slot that is ahead, and both lose changes
 * without a word.
 */
final class SourceCheck {
    private static final Logger LOG = LoggerFactory.getLogger(SourceCheck.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    /** What setup makes. */
    private static final String NAMED_IN_PUBLICATION = """
            SELECT n.nspname || '.' || c.relname FROM pg_publication p
            JOIN pg_publication_rel r ON r.prpubid = p.oid
            JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE p.pubname = ?
            """;

    /** Also by schema or FOR ALL TABLES; waits where an application keeps a table for itself. */
    private static final String IN_PUBLICATION =
            "SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = ?";

    private record Cluster(String identifier, int timeline, Lsn end) {}

    private final Pipeline pipeline;
    private final SourceSettings source;
    private final Duration patience;

    /** @param patience how long the slot may be held, such as by the walsender of a capture that was just killed */
    SourceCheck(Pipeline pipeline, Duration patience) {
        this.pipeline = pipeline;
        this.source = pipeline.source();
        this.patience = patience;
    }

    /**
     * Waits while another process streams from the slot, or until a shutdown is requested. Until then raw/changes may
     * have another writer.
     *
     * @throws Failure RETRY if the source cannot be asked now, OPERATOR if capture must not start
     */
    void awaitSlot(Shutdown shutdown) {
        try (Connection connection = source.open()) {
            awaitSlot(connection, shutdown);
        } catch (SQLException e) {
            throw cannotAsk(e);
        }
    }

    /**
     * @param raw the position of raw/changes, or empty if it does not exist
     * @throws Failure RETRY if the source cannot be asked now, OPERATOR if capture must not start
     */
    SourceState run(Optional<CaptureOffset> raw) {
        try (Connection connection = source.open()) {
            checkPublication(connection);
            ReplicationSlot slot = slot(connection);
            Cluster cluster = cluster();
            raw.ifPresent(offset -> checkContinues(offset, slot, cluster));
            return new SourceState(
                    cluster.identifier(),
                    cluster.timeline(),
                    confirmed(slot),
                    fullIdentity(connection),
                    keys(connection));
        } catch (SQLException e) {
            throw cannotAsk(e);
        }
    }

    private void checkPublication(Connection connection) throws SQLException {
        Set<String> missing = new LinkedHashSet<>();
        pipeline.tables().stream()
                .map(TableSpec::source)
                .map(SourceTable::toString)
                .forEach(missing::add);
        missing.removeAll(published(connection, NAMED_IN_PUBLICATION));
        if (!missing.isEmpty()) {
            missing.removeAll(published(connection, IN_PUBLICATION));
        }
        if (!missing.isEmpty()) {
            throw cannotStart("the publication \"" + source.publication() + "\" does not exist or lacks "
                    + String.join(", ", missing) + ". Run \"headwater setup\".");
        }
    }

    private Set<String> published(Connection connection, String sql) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, source.publication());
            try (ResultSet rows = query.executeQuery()) {
                Set<String> tables = new HashSet<>();
                while (rows.next()) {
                    tables.add(rows.getString(1));
                }
                return tables;
            }
        }
    }

    private void awaitSlot(Connection connection, Shutdown shutdown) throws SQLException {
        long deadline = System.nanoTime() + patience.toNanos();
        boolean told = false;
        while (true) {
            ReplicationSlot slot = slot(connection);
            if (slot.activePid().isEmpty() || shutdown.requested()) {
                return;
            }
            long pid = slot.activePid().getAsLong();
            if (System.nanoTime() >= deadline) {
                throw cannotStart("the slot \"" + source.slot() + "\" is active for PID " + pid + " ("
                        + client(connection, pid)
                        + "). Is a second capture running on it? Stop it, or end "
                        + "the connection with SELECT pg_terminate_backend(" + pid + ").");
            }
            if (!told) {
                LOG.warn("The slot is still held and is waited for slot={} pid={}", source.slot(), pid);
                told = true;
            }
            shutdown.await(BETWEEN_LOOKS);
        }
    }

    private ReplicationSlot slot(Connection connection) throws SQLException {
        ReplicationSlot slot = ReplicationSlot.read(connection, source)
                .orElseThrow(() -> cannotStart("the replication slot \"" + source.slot()
                        + "\" does not exist. Run \"headwater setup\"; if changes were captured before, what happened "
                        + "since is lost with the slot: then run \"headwater backfill\" as well."));
        slot.fault(source).ifPresent(fault -> {
            throw new Failure(Remedy.OPERATOR, fault);
        });
        return slot;
    }

    /** There is one: a slot without it is at fault. */
    private static Lsn confirmed(ReplicationSlot slot) {
        return slot.confirmed().orElseThrow();
    }

    private void checkContinues(CaptureOffset raw, ReplicationSlot slot, Cluster cluster) {
        Lsn reached = new Lsn(raw.lsn());
        if (!raw.slot().equals(source.slot())) {
            throw cannotStart("raw/changes is fed by the slot \"" + raw.slot() + "\", and source.slot is \""
                    + source.slot() + "\". Name the same slot, or another lake.root.");
        }
        if (!raw.systemIdentifier().equals(cluster.identifier())) {
            throw cannotStart("raw/changes holds changes of the cluster " + raw.systemIdentifier() + ", and "
                    + source.url() + " is the cluster " + cluster.identifier()
                    + ": positions of the two cannot be compared. Connect the first one, or name another lake.root.");
        }
        if (raw.timeline() != cluster.timeline()) {
            throw cannotStart("raw/changes reaches " + reached + " on timeline " + raw.timeline()
                    + ", and the source is on timeline " + cluster.timeline()
                    + " since a failover or a restore: changes may be missing or never have happened. Connect the first "
                    + "server, or name another lake.root and run \"headwater backfill\".");
        }
        if (reached.isAfter(cluster.end())) {
            throw cannotStart("raw/changes reaches " + reached + ", and the source only " + cluster.end()
                    + ": it was set back. Name another lake.root and run \"headwater backfill\".");
        }
        if (confirmed(slot).isAfter(reached)) {
            throw cannotStart(
                    "raw/changes reaches " + reached + ", and the slot \"" + source.slot()
                            + "\" begins only at " + confirmed(slot)
                            + ": the changes between are lost. Was the slot advanced or made anew? Run \"headwater backfill\".");
        }
    }

    /** IDENTIFY_SYSTEM needs no right beyond REPLICATION, which capture has. */
    private Cluster cluster() throws SQLException {
        Properties replication = new Properties();
        replication.setProperty("replication", "database");
        replication.setProperty("preferQueryMode", "simple");
        replication.setProperty("assumeMinServerVersion", "14");
        try (Connection connection = source.open(replication);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
            row.next();
            return new Cluster(row.getString("systemid"), row.getInt("timeline"), Lsn.parse(row.getString("xlogpos")));
        }
    }

    private Set<SourceTable> fullIdentity(Connection connection) throws SQLException {
        Set<SourceTable> tables = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                        WHERE c.relreplident = 'f' AND c.relkind IN ('r', 'p')""")) {
            while (rows.next()) {
                tables.add(new SourceTable(rows.getString(1), rows.getString(2)));
            }
        }
        tables.retainAll(captured());
        return tables;
    }

    /** The key is what events of a deleted row carry: that of the replica identity, or under FULL the primary key. */
    private Map<SourceTable, SourceKeys.Now> keys(Connection connection) throws SQLException {
        Map<SourceTable, SourceKeys.Now> keys = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        SELECT n.nspname, c.relname,
                          ARRAY(SELECT a.attname::text FROM pg_index i
                                CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
                                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
                                WHERE i.indrelid = c.oid AND k.place <= i.indnkeyatts
                                  AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END
                                ORDER BY k.place),
                          ARRAY(SELECT a.attname::text FROM pg_attribute a
                                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
                        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                        WHERE c.relkind IN ('r', 'p')""")) {
            while (rows.next()) {
                keys.put(
                        new SourceTable(rows.getString(1), rows.getString(2)),
                        new SourceKeys.Now(texts(rows, 3), texts(rows, 4)));
            }
        }
        keys.keySet().retainAll(captured());
        return keys;
    }

    private static List<String> texts(ResultSet rows, int column) throws SQLException {
        return List.of((String[]) rows.getArray(column).getArray());
    }

    private Set<SourceTable> captured() {
        Set<SourceTable> tables = new HashSet<>();
        pipeline.tables().forEach(table -> tables.add(table.source()));
        return tables;
    }

    private static String client(Connection connection, long pid) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT application_name, client_addr, backend_start FROM pg_stat_activity WHERE pid = ?")) {
            query.setLong(1, pid);
            try (ResultSet row = query.executeQuery()) {
                return row.next()
                        ? row.getString(1) + " from " + row.getString(2) + " since " + row.getString(3)
                        : "its client has gone";
            }
        }
    }

    private Failure cannotAsk(SQLException e) {
        return new Failure(Remedy.RETRY, "Cannot ask PostgreSQL at " + source.url() + ": " + e.getMessage(), e);
    }

    private static Failure cannotStart(String why) {
        return new Failure(Remedy.OPERATOR, "Cannot start capture: " + why);
    }
}
