package headwater.lake.backfill;

import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.replication.ReplicationSlotInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A snapshot of the source and the LSN at which it stands: the consistent point of a temporary logical slot, the only
 * pair that has neither gap nor overlap with the changes after it. Workers import the snapshot by its name until this is
 * closed.
 */
public final class SourceSnapshot implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SourceSnapshot.class);
    /** How long the creation waits for one open transaction. */
    private static final String PATIENCE = "60s";

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final Connection exporter;
    private final String name;
    private final long lsn;

    private SourceSnapshot(Connection exporter, String name, long lsn) {
        this.exporter = exporter;
        this.name = name;
        this.lsn = lsn;
    }

    /** Creates it; waits for the transactions that are open in the source. */
    public static SourceSnapshot export(SourceSettings source) {
        long startedAt = System.nanoTime();
        // the wait for open transactions is a lock wait, so that the server ends it by itself
        Connection exporter = source.openReplication("-c lock_timeout=" + PATIENCE);
        try {
            ReplicationSlotInfo slot = exporter.unwrap(PGConnection.class)
                    .getReplicationAPI()
                    .createReplicationSlot()
                    .logical()
                    .withSlotName("headwater_load_" + Long.toHexString(System.nanoTime()))
                    .withOutputPlugin("pgoutput")
                    .withTemporaryOption()
                    .make();
            SourceSnapshot snapshot = new SourceSnapshot(
                    exporter, slot.getSnapshotName(), slot.getConsistentPoint().asLong());
            LOG.info(
                    "Exported snapshot name={} at={} tookMs={}",
                    snapshot.name,
                    new Lsn(snapshot.lsn),
                    (System.nanoTime() - startedAt) / 1_000_000);
            return snapshot;
        } catch (SQLException e) {
            close(exporter);
            throw failure(source, e);
        }
    }

    /** What workers give to SET TRANSACTION SNAPSHOT. */
    public String name() {
        return name;
    }

    /** The consistent point: the snapshot holds exactly the transactions that committed at or before it. */
    public long lsn() {
        return lsn;
    }

    @Override
    public void close() {
        close(exporter);
    }

    private static Failure failure(SourceSettings source, SQLException e) {
        if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
            return new Failure(
                    Remedy.OPERATOR,
                    "Cannot take a snapshot of the source: it has to wait for transactions that were open before, and after "
                            + PATIENCE + " these still are: " + openTransactions(source)
                            + ". End them, or wait, and run the command again.",
                    e);
        }
        return new Failure(
                Remedy.OPERATOR,
                "Cannot take a snapshot of the source with a temporary replication slot: " + e.getMessage()
                        + ". The role needs REPLICATION, and the server wal_level=logical and a free slot and walsender.",
                e);
    }

    private static String openTransactions(SourceSettings source) {
        String sql = """
                SELECT l.pid, a.usename, a.application_name FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
                WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted ORDER BY l.pid""";
        List<String> open = new ArrayList<>();
        try (Connection connection = source.open();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                open.add("pid " + rows.getInt(1) + " of " + rows.getString(2) + " (" + rows.getString(3) + ")");
            }
        } catch (SQLException e) {
            return "(they could not be listed: " + e.getMessage() + ")";
        }
        return String.join(", ", open);
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("The exporter's connection did not close", e);
        }
    }
}
