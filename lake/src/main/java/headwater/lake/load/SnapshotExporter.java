package headwater.lake.load;

import headwater.lake.contract.Lsn;
import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Sql;
import headwater.lake.source.ReplicationSlot;
import java.io.Serializable;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.replication.ReplicationSlotInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process that exports a snapshot of the source: the consistent point of a temporary logical slot, the only pair of
 * snapshot and LSN that has neither gap nor overlap with the changes after it. It outlives the backfill that started it, so
 * that the next one goes on under the same snapshot, and ends with it, or when none has come for a while; the slot goes with
 * the connection.
 *
 * <p>It holds the tables locked as a reader does, from before the snapshot was taken: a TRUNCATE would empty the snapshot, and
 * VACUUM FULL or CLUSTER would move the rows between the page ranges.
 */
final class SnapshotExporter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotExporter.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    /** A session that only holds something must not be ended for doing nothing. */
    private static final String IDLE = "-c idle_in_transaction_session_timeout=0 -c idle_session_timeout=0";

    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String CONFIGURATION_LIMIT_EXCEEDED = "53400";
    private static final String TOO_MANY_CONNECTIONS = "53300";
    private static final String INSUFFICIENT_PRIVILEGE = "42501";
    private static final Set<String> REFUSED = Set.of(TOO_MANY_CONNECTIONS, INSUFFICIENT_PRIVILEGE);

    private final Order order;
    private final String slot = "headwater_load_" + Long.toHexString(System.nanoTime());
    private final Connection locks;
    private final Connection exporter;
    private final SourceSnapshot snapshot;

    /**
     * What a backfill gives to it on standard input, so that no password is ever an argument.
     *
     * @param file where it says that it lives, removed at its end
     * @param keep how long it waits for another backfill when its own has gone
     * @param patience how long it waits for one open transaction, or for one lock
     */
    record Order(SourceSettings source, List<SourceTable> tables, String file, Duration keep, Duration patience)
            implements Serializable {

        /** Of its sessions. */
        String options() {
            return IDLE + " -c lock_timeout=" + patience.toMillis();
        }

        String seconds() {
            return patience.toSeconds() + " s";
        }
    }

    /** Takes the locks and the snapshot; waits for the transactions that are open in the source. */
    SnapshotExporter(Order order) {
        this.order = order;
        this.locks = order.source().open(order.options());
        try {
            lock();
            this.exporter = walsender();
        } catch (RuntimeException e) {
            close(locks);
            throw e;
        }
        try {
            this.snapshot = export();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public void close() {
        close(exporter);
        close(locks);
    }

    /** PostgreSQL refuses a walsender, for want of rights or of room, as it refuses a connection. */
    private Connection walsender() {
        try {
            return order.source().openReplication(order.options());
        } catch (Failure e) {
            if (e.getCause() instanceof SQLException refused && REFUSED.contains(refused.getSQLState())) {
                throw exportFailure(refused);
            }
            throw e;
        }
    }

    private void lock() {
        String tables = order.tables().stream().map(SourceTable::sql).collect(Collectors.joining(", "));
        try {
            locks.setAutoCommit(false);
            new Sql(locks).run("LOCK TABLE " + tables + " IN ACCESS SHARE MODE");
        } catch (SQLException e) {
            throw lockFailure(e);
        }
    }

    private SourceSnapshot export() {
        long startedAt = System.nanoTime();
        try {
            ReplicationSlotInfo created = exporter.unwrap(PGConnection.class)
                    .getReplicationAPI()
                    .createReplicationSlot()
                    .logical()
                    .withSlotName(slot)
                    .withOutputPlugin("pgoutput")
                    .withTemporaryOption()
                    .make();
            SourceSnapshot exported = new SourceSnapshot(
                    created.getSnapshotName(), created.getConsistentPoint().asLong());
            LOG.info(
                    "Exported snapshot name={} at={} tookMs={}",
                    exported.name(),
                    new Lsn(exported.lsn()),
                    (System.nanoTime() - startedAt) / 1_000_000);
            return exported;
        } catch (SQLException e) {
            throw exportFailure(e);
        }
    }

    SourceSnapshot snapshot() {
        return snapshot;
    }

    /** Stays until nobody has claimed the snapshot for a while. */
    void await() throws SQLException {
        long claimedAt = System.nanoTime();
        while (System.nanoTime() - claimedAt < order.keep().toNanos()) {
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            if (SourceExport.claimed(locks, order.source())) {
                claimedAt = System.nanoTime();
            }
            requireSlot();
        }
        LOG.info("Ended, as no backfill has come since keep={}", order.keep());
    }

    /** The snapshot and the temporary slot end with one session, which must not be asked: any command would end the snapshot. */
    private void requireSlot() throws SQLException {
        if (ReplicationSlot.read(locks, slot).isEmpty()) {
            throw new SQLException("the session that exported it has ended");
        }
    }

    private Failure exportFailure(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return new Failure(
                Remedy.OPERATOR,
                "Cannot take a snapshot of the source: "
                        + switch (state) {
                            case LOCK_NOT_AVAILABLE ->
                                "it has to wait for transactions that were open before, and after " + order.seconds()
                                        + " these still are: "
                                        + sessions("l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock'")
                                        + ". End them, or wait, and run the command again.";
                            case CONFIGURATION_LIMIT_EXCEEDED, TOO_MANY_CONNECTIONS ->
                                Failure.reason(e)
                                        + ". It needs one free slot and one free walsender for as long as the load takes: raise max_replication_slots and max_wal_senders, or drop slots that nobody uses (SELECT slot_name, active FROM pg_replication_slots).";
                            case INSUFFICIENT_PRIVILEGE ->
                                Failure.reason(e) + ". The role "
                                        + order.source().user() + " needs REPLICATION: ALTER ROLE "
                                        + order.source().user() + " REPLICATION.";
                            default -> Failure.reason(e) + ". The server needs wal_level=logical.";
                        },
                e);
    }

    private Failure lockFailure(SQLException e) {
        String why = LOCK_NOT_AVAILABLE.equals(e.getSQLState())
                ? "after " + order.seconds() + " another session still holds a lock on a table: "
                        + sessions("l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'")
                        + ". End it, or wait, and run the command again."
                : Failure.reason(e) + ". The role " + order.source().user()
                        + " needs SELECT on the tables of the pipeline.";
        return new Failure(Remedy.OPERATOR, "Cannot read the tables of the source: " + why, e);
    }

    /** The sessions that hold locks of a kind, by a connection of its own: the one that failed is of no use any more. */
    private String sessions(String kind) {
        String sql = """
                SELECT DISTINCT l.pid, a.usename, a.application_name, c.oid::regclass::text
                FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid LEFT JOIN pg_class c ON c.oid = l.relation
                WHERE l.granted AND l.pid <> ? AND (l.relation IS NULL OR c.relkind IN ('r', 'p')) AND\s""" + kind + " ORDER BY l.pid";
        try (Connection connection = order.source().open()) {
            return String.join(
                    ", ",
                    new Sql(connection)
                            .list(
                                    sql,
                                    row -> "pid " + row.getInt(1) + " of " + row.getString(2) + " (" + row.getString(3)
                                            + ")" + (row.getString(4) == null ? "" : " on " + row.getString(4)),
                                    locks.unwrap(PGConnection.class).getBackendPID()));
        } catch (SQLException e) {
            return "(they could not be listed: " + e.getMessage() + ")";
        }
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("A connection of the exporter did not close", e);
        }
    }
}
