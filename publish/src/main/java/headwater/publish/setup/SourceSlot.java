package headwater.publish.setup;

import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Sql;
import headwater.lake.source.ReplicationSlot;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The replication slot: from its creation on PostgreSQL keeps every change until capture has it. */
public final class SourceSlot {
    private static final String QUERY_CANCELED = "57014";
    private static final String OBJECT_IN_USE = "55006";

    private final Connection connection;
    private final SourceSettings source;
    private final Duration patience;

    public SourceSlot(Connection connection, SourceSettings source) {
        this(connection, source, Duration.ofSeconds(30));
    }

    /** @param patience how long to wait for transactions that were open when the slot was asked for */
    public SourceSlot(Connection connection, SourceSettings source, Duration patience) {
        this.connection = connection;
        this.source = source;
        this.patience = patience;
    }

    public void setUp(PrintWriter out) throws SQLException {
        Optional<ReplicationSlot> there = ReplicationSlot.read(connection, source.slot());
        there.flatMap(slot -> slot.fault(source)).ifPresent(fault -> {
            throw new Failure(Remedy.OPERATOR, fault);
        });
        if (there.isPresent()) {
            out.println("PostgreSQL: slot " + source.slot() + " is there, confirmed up to "
                    + there.get().confirmed().orElseThrow());
            if (source.failover() != there.get().failover()) {
                alterFailover(out);
            }
        } else {
            out.println("PostgreSQL: slot " + source.slot() + " created at " + create());
        }
    }

    /** Only the replication protocol can, and only while nobody reads the slot. */
    private void alterFailover(PrintWriter out) throws SQLException {
        try (Connection walsender = source.openReplication("")) {
            new Sql(walsender).run("ALTER_REPLICATION_SLOT " + source.slot() + " (FAILOVER " + source.failover() + ")");
            out.println("PostgreSQL: slot " + source.slot()
                    + (source.failover() ? " is kept on standbys as well" : " is not kept on standbys any more"));
        } catch (SQLException e) {
            throw inUse("alter", e);
        }
    }

    private SQLException inUse(String doing, SQLException e) {
        if (OBJECT_IN_USE.equals(e.getSQLState())) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot " + doing + " the slot " + source.slot() + ": " + e.getMessage() + ". Stop capture first.",
                    e);
        }
        return e;
    }

    void drop(PrintWriter out) throws SQLException {
        try {
            boolean ours = ReplicationSlot.read(connection, source.slot())
                    .filter(slot -> slot.plugin().equals(ReplicationSlot.PLUGIN))
                    .isPresent();
            if (ours) {
                new Sql(connection).any("SELECT pg_drop_replication_slot(?)", source.slot());
            }
            out.println("PostgreSQL: slot " + source.slot() + (ours ? " dropped" : " is not there"));
        } catch (SQLException e) {
            throw inUse("drop", e);
        }
    }

    /** PostgreSQL waits for the end of every transaction that is open now, in any database. */
    private String create() throws SQLException {
        Sql sql = new Sql(connection);
        sql.run("SET statement_timeout = " + patience.toMillis());
        // only PostgreSQL 17 and newer know the argument
        String failover = source.failover() ? ", failover => true" : "";
        try {
            return sql.one(
                    "SELECT lsn::text FROM pg_create_logical_replication_slot(?, ?" + failover + ")",
                    row -> row.getString(1),
                    source.slot(),
                    ReplicationSlot.PLUGIN);
        } catch (SQLException e) {
            if (QUERY_CANCELED.equals(e.getSQLState())) {
                throw new Failure(
                        Remedy.RETRY,
                        "Cannot create the slot " + source.slot() + " within " + patience.toSeconds()
                                + " s: PostgreSQL waits for open transactions to end: " + openTransactions()
                                + ". End them, or wait, and run setup again.",
                        e);
            }
            throw e;
        } finally {
            sql.run("RESET statement_timeout");
        }
    }

    /** Every transaction with an id holds an exclusive lock on it; pg_locks shows those of other users too. */
    private String openTransactions() throws SQLException {
        List<String> open = new Sql(connection).list("""
                SELECT DISTINCT 'pid ' || pid FROM pg_locks
                WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted AND pid <> pg_backend_pid()
                UNION ALL SELECT 'prepared transaction ' || gid FROM pg_prepared_xacts
                """, row -> row.getString(1));
        return open.isEmpty() ? "none is left now" : String.join(", ", open);
    }
}
