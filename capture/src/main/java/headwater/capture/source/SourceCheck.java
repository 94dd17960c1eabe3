package headwater.capture.source;

import headwater.capture.engine.SourceKeys;
import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.Lsn;
import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import headwater.lake.process.Sql;
import headwater.lake.source.ReplicationSlot;
import headwater.lake.source.SourceCluster;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks before each start of the engine whether the source still has every change that raw/changes lacks. Debezium does
 * not: it creates a missing slot at the current position and streams from a slot that is ahead, and both lose changes
 * without a word.
 */
public final class SourceCheck {
    private static final Logger LOG = LoggerFactory.getLogger(SourceCheck.class);

    /** What setup makes. */
    private static final String NAMED_IN_PUBLICATION = """
            SELECT n.nspname || '.' || c.relname FROM pg_publication p
            JOIN pg_publication_rel r ON r.prpubid = p.oid
            JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE p.pubname = ?
            """;

    /** Also by schema or FOR ALL TABLES; waits where an application keeps a table for itself. */
    private static final String IN_PUBLICATION =
            "SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = ?";

    /** Reading the publication may wait for an application that keeps a table for itself, but not for ever. */
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(45);

    private static final String COMPLETE = "SELECT pubname::text FROM pg_publication WHERE pubname = ?"
            + " AND pubinsert AND pubupdate AND pubdelete AND pubtruncate AND (pubviaroot OR NOT EXISTS (SELECT 1"
            + " FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid WHERE r.prpubid = pg_publication.oid"
            + " AND c.relkind = 'p'))";

    private record Cluster(SourceCluster now, TimelineHistory history) {}

    private final Pipeline pipeline;
    private final SourceSettings source;
    private final Duration patience;
    private final boolean acceptLoss;
    private Optional<SlotClaim.Session> last = Optional.empty();

    /**
     * @param patience how long the slot may be held by a walsender whose client does not answer any more
     * @param acceptLoss whether a slot that begins after raw/changes is no reason to stop
     */
    public SourceCheck(Pipeline pipeline, Duration patience, boolean acceptLoss) {
        this.pipeline = pipeline;
        this.source = pipeline.source();
        this.patience = patience;
        this.acceptLoss = acceptLoss;
    }

    /**
     * Claims the slot, waiting for a capture that ends or has ended just now, or until a shutdown is requested. Until
     * then raw/changes may have another writer.
     *
     * @throws Failure RETRY if the source cannot be asked now, OPERATOR if capture must not start
     */
    public SlotClaim claim(Shutdown shutdown) {
        try {
            SlotClaim claim = SlotClaim.make(source, patience, last, shutdown);
            last = Optional.of(claim.session());
            return claim;
        } catch (SQLException e) {
            throw cannotAsk(e);
        }
    }

    /**
     * The state of the source, which has every change that raw/changes lacks.
     *
     * @param claim on the slot
     * @param raw the position of raw/changes, or empty if it does not exist
     * @throws Failure RETRY if the source cannot be asked now, OPERATOR if capture must not start
     */
    public SourceState run(SlotClaim claim, Optional<CaptureOffset> raw) {
        try (Connection connection = source.openBounded(ANSWER_PATIENCE)) {
            checkPublication(connection);
            ReplicationSlot slot = claim.slot();
            Cluster cluster = cluster(raw.map(CaptureOffset::timeline));
            raw.ifPresent(offset -> checkContinues(offset, slot, cluster));
            return new SourceState(
                    cluster.now().identifier(),
                    cluster.now().timeline(),
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
        if (published(connection, COMPLETE).isEmpty()) {
            throw cannotStart("the publication \"" + source.publication()
                    + "\" does not publish every operation, or partitions under their root's name: what it leaves out is"
                    + " lost. Run \"headwater setup\", which alters it.");
        }
    }

    private Set<String> published(Connection connection, String sql) throws SQLException {
        return Set.copyOf(new Sql(connection).list(sql, row -> row.getString(1), source.publication()));
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
        if (!raw.systemIdentifier().equals(cluster.now().identifier())) {
            throw cannotStart("raw/changes holds changes of the cluster " + raw.systemIdentifier() + ", and "
                    + source.url() + " is the cluster " + cluster.now().identifier()
                    + ": positions of the two cannot be compared. Connect the first one. Or, if this one has taken its"
                    + " place (an upgrade, a restore, a copy), run \"headwater setup\" and \"headwater backfill"
                    + " --new-epoch\", and start capture again.");
        }
        if (raw.timeline() != cluster.now().timeline()) {
            checkFailover(raw, cluster);
        }
        if (reached.isAfter(cluster.now().end())) {
            throw cannotStart("raw/changes reaches " + reached + ", and the source only "
                    + cluster.now().end()
                    + ": it was set back. Name another lake.root and run \"headwater backfill\".");
        }
        if (confirmed(slot).isAfter(reached) && !acceptLoss) {
            throw cannotStart("raw/changes reaches " + reached + ", and the slot \"" + source.slot()
                    + "\" begins only at " + confirmed(slot)
                    + ": the changes between are lost. Was the slot advanced or made anew? Run \"headwater capture"
                    + " --accept-loss\" to go on there, and then \"headwater backfill --table\" for each table.");
        }
    }

    /** After a failover the source goes on where its old timeline ended; beyond that raw holds what never happened there. */
    private void checkFailover(CaptureOffset raw, Cluster cluster) {
        Lsn reached = new Lsn(raw.lsn());
        Optional<Lsn> left = cluster.history().leftAt(raw.timeline());
        if (left.isEmpty() || reached.isAfter(left.get())) {
            throw cannotStart("raw/changes reaches " + reached + " on timeline " + raw.timeline()
                    + ", and the source is on timeline " + cluster.now().timeline()
                    + left.map(lsn -> " since " + lsn).orElse(", which does not come from it")
                    + ": since a failover or a restore changes that were captured are not in the source. Connect the "
                    + "first server, or name another lake.root and run \"headwater backfill\".");
        }
        LOG.warn(
                "The source failed over timeline={} before={} at={}; raw/changes reaches {} and goes on",
                cluster.now().timeline(),
                raw.timeline(),
                left.get(),
                reached);
    }

    /**
     * The cluster with its history.
     *
     * @param before the timeline of raw/changes: only another one makes the server's history matter, which a restored
     *     server may have lost
     */
    private Cluster cluster(Optional<Integer> before) throws SQLException {
        try (Connection replication = source.openReplication("")) {
            SourceCluster now = SourceCluster.of(replication);
            boolean same = before.isEmpty() || before.get() == now.timeline();
            return new Cluster(now, same ? TimelineHistory.NONE : history(replication, now.timeline()));
        }
    }

    private static TimelineHistory history(Connection replication, int timeline) throws SQLException {
        return timeline == 1
                ? TimelineHistory.NONE
                : new Sql(replication)
                        .one("TIMELINE_HISTORY " + timeline, row -> TimelineHistory.parse(row.getString("content")));
    }

    private Set<SourceTable> fullIdentity(Connection connection) throws SQLException {
        String sql = """
                SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relreplident = 'f' AND c.relkind IN ('r', 'p')""";
        Set<SourceTable> tables = new HashSet<>(
                new Sql(connection).list(sql, row -> new SourceTable(row.getString(1), row.getString(2))));
        tables.retainAll(captured());
        return tables;
    }

    /** The key is what events of a deleted row carry: that of the replica identity, or under FULL the primary key. */
    private Map<SourceTable, SourceKeys.Now> keys(Connection connection) throws SQLException {
        String sql = """
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
                WHERE c.relkind IN ('r', 'p')""";
        Map<SourceTable, SourceKeys.Now> keys = new HashMap<>();
        new Sql(connection)
                .list(
                        sql,
                        row -> keys.put(
                                new SourceTable(row.getString(1), row.getString(2)),
                                new SourceKeys.Now(texts(row, 3), texts(row, 4))));
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

    private Failure cannotAsk(SQLException e) {
        return new Failure(Remedy.RETRY, "Cannot ask PostgreSQL at " + source.url() + ": " + e.getMessage(), e);
    }

    private static Failure cannotStart(String why) {
        return new Failure(Remedy.OPERATOR, "Cannot start capture: " + why);
    }
}
