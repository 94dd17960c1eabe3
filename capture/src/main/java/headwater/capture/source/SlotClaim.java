package headwater.capture.source;

import headwater.lake.pipeline.ReplicationSlot;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import headwater.lake.watch.SourceWatch;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's claim to be the one capture of a slot: an advisory lock, held by a session of its own as long as it
 * streams. PostgreSQL frees the lock of a killed process at once, while its walsender may hold the slot until
 * wal_sender_timeout; so a slot that is held under the lock of another is in use, and any other is only waited for.
 */
public final class SlotClaim implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SlotClaim.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);
    /** A capture that is being stopped ends its commit first. */
    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(5);

    /** A server that does not answer by then is gone, however long TCP still hopes. */
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(20);

    /** A live capture asks something every ten seconds. */
    private static final Duration SILENCE = Duration.ofSeconds(25);

    /**
     * After some 30 s the server ends a session whose machine is gone; by default it would keep it, and the lock with it,
     * for two hours.
     */
    private static final String KEEPALIVES = "SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5;"
            + " SET tcp_keepalives_count = 3; SET tcp_user_timeout = 30000";

    private static final String LOCK = "hashtextextended('headwater.capture/' || ?, 0)";

    /** The session that has the lock: a key of 64 bits stands in two columns. */
    private static final String HOLDER = """
            SELECT a.pid, a.application_name, a.client_addr, a.backend_start,
                   extract(epoch FROM clock_timestamp() - a.state_change)
            FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND a.datname = current_database()
              AND (l.classid::bigint << 32 | l.objid::bigint) = %s""".formatted(LOCK);

    /**
     * A session of the server, by which a process knows its own again: process ids come back.
     *
     * @param startedAt as the server writes it
     */
    record Session(int pid, String startedAt) {}

    private final SourceSettings source;
    private final Connection session;
    private final Session own;

    private SlotClaim(SourceSettings source, Connection session) throws SQLException {
        this.source = source;
        this.session = session;
        this.own = session(session);
    }

    /**
     * Waits for the lock and for the slot, or until a shutdown is requested.
     *
     * @param patience how long lock and slot may be held by sessions whose capture has gone
     * @param before the session of this process's last claim, which the server may still wait for
     * @throws Failure OPERATOR if another process keeps it, or the slot cannot be used
     */
    static SlotClaim make(SourceSettings source, Duration patience, Optional<Session> before, Shutdown shutdown)
            throws SQLException {
        Connection session = source.openBounded(ANSWER_PATIENCE);
        try {
            SlotClaim claim = new SlotClaim(source, session);
            claim.keepAlive();
            if (before.isPresent()) {
                claim.end(before.get());
            }
            claim.await(claim::locked, () -> claim.holderIsSilent() ? patience : LOCK_PATIENCE, shutdown);
            claim.await(() -> claim.slot().activePid().isEmpty(), () -> patience, shutdown);
            return claim;
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    /** The slot as it is now. */
    ReplicationSlot slot() throws SQLException {
        ReplicationSlot slot = ReplicationSlot.read(session, source)
                .orElseThrow(() -> cannotStart("the replication slot \"" + source.slot()
                        + "\" does not exist. Run \"headwater setup\"; if changes were captured before, what happened "
                        + "since is lost with the slot: capture then says how to go on."));
        slot.fault(source).ifPresent(fault -> {
            throw new Failure(Remedy.OPERATOR, fault);
        });
        return slot;
    }

    /** What the slot keeps of the source's WAL. */
    SlotHealth health(Instant now) throws SQLException {
        try (PreparedStatement query = session.prepareStatement("""
                SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn),
                       wal_status, safe_wal_size
                FROM pg_replication_slots WHERE slot_name = ?""")) {
            query.setString(1, source.slot());
            try (ResultSet row = query.executeQuery()) {
                if (!row.next()) {
                    throw new SQLException("the slot was dropped just now");
                }
                long safe = row.getLong(4);
                OptionalLong left = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(safe);
                return new SlotHealth(now, row.getLong(1), row.getLong(2), row.getString(3), left);
            }
        }
    }

    /** Looks at the source tables; a sentence for each load that has become due. */
    List<String> look(SourceWatch tables) throws SQLException {
        return tables.look(session);
    }

    /** Notes that changes of all tables are lost; a sentence for each load that has become due. */
    public List<String> lost(SourceWatch tables, String reason) throws SQLException {
        return tables.lost(session, reason);
    }

    /** Gives the lock back. */
    @Override
    public void close() {
        try {
            session.close();
        } catch (SQLException e) {
            LOG.debug("The session has gone, and the lock with it", e);
        }
    }

    /** This claim's own. */
    Session session() {
        return own;
    }

    private static Session session(Connection session) throws SQLException {
        try (Statement query = session.createStatement();
                ResultSet row = query.executeQuery(
                        "SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()")) {
            row.next();
            return new Session(row.getInt(1), row.getString(2));
        }
    }

    private void keepAlive() throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute(KEEPALIVES);
        }
    }

    /** The network may have lost it, and the server not know: it would keep the lock. */
    private void end(Session before) throws SQLException {
        try (PreparedStatement query = session.prepareStatement(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ? AND backend_start::text = ?")) {
            query.setInt(1, before.pid());
            query.setString(2, before.startedAt());
            if (query.executeQuery().next()) {
                LOG.info("Ended the session of the last claim pid={}", before.pid());
            }
        }
    }

    private boolean holderIsSilent() throws SQLException {
        try (PreparedStatement query = session.prepareStatement(HOLDER)) {
            query.setString(1, source.slot());
            try (ResultSet row = query.executeQuery()) {
                return row.next() && row.getDouble(5) > SILENCE.toSeconds();
            }
        }
    }

    private interface Condition {
        boolean holds() throws SQLException;
    }

    private interface Patience {
        Duration now() throws SQLException;
    }

    private void await(Condition condition, Patience patience, Shutdown shutdown) throws SQLException {
        long start = System.nanoTime();
        boolean told = false;
        while (!shutdown.requested() && !condition.holds()) {
            OptionalLong holder = slot().activePid();
            if (System.nanoTime() - start >= patience.now().toNanos()) {
                throw held(holder);
            }
            if (!told) {
                LOG.warn("The slot is still held and is waited for slot={} pid={}", source.slot(), holder.orElse(0));
                told = true;
            }
            shutdown.await(BETWEEN_LOOKS);
        }
    }

    private boolean locked() throws SQLException {
        try (PreparedStatement query = session.prepareStatement("SELECT pg_try_advisory_lock(" + LOCK + ")")) {
            query.setString(1, source.slot());
            try (ResultSet row = query.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private Failure held(OptionalLong walsender) throws SQLException {
        if (walsender.isEmpty()) {
            return lockIsHeld();
        }
        long pid = walsender.getAsLong();
        return cannotStart("the slot \"" + source.slot() + "\" is active for PID " + pid + " (" + client(pid)
                + "). Is a second capture running on it? Stop it, or end the connection with "
                + "SELECT pg_terminate_backend(" + pid + ").");
    }

    private Failure lockIsHeld() throws SQLException {
        try (PreparedStatement query = session.prepareStatement(HOLDER)) {
            query.setString(1, source.slot());
            try (ResultSet row = query.executeQuery()) {
                if (!row.next() || row.getDouble(5) <= SILENCE.toSeconds()) {
                    return cannotStart("another capture of the slot \"" + source.slot()
                            + "\" is starting or stopping. Run one of the two.");
                }
                return cannotStart("the claim on the slot \"" + source.slot() + "\" is held by PID " + row.getInt(1)
                        + " (" + row.getString(2) + " from " + row.getString(3) + " since " + row.getString(4)
                        + "), which has asked nothing for " + Math.round(row.getDouble(5))
                        + " s. Is that capture stopped, or its machine gone? End it, or its connection with SELECT"
                        + " pg_terminate_backend(" + row.getInt(1) + ").");
            }
        }
    }

    private String client(long pid) throws SQLException {
        try (PreparedStatement query = session.prepareStatement(
                "SELECT application_name, client_addr, backend_start FROM pg_stat_activity WHERE pid = ?")) {
            query.setLong(1, pid);
            try (ResultSet row = query.executeQuery()) {
                return row.next()
                        ? row.getString(1) + " from " + row.getString(2) + " since " + row.getString(3)
                        : "its client has gone";
            }
        }
    }

    private static Failure cannotStart(String why) {
        return new Failure(Remedy.OPERATOR, "Cannot start capture: " + why);
    }
}
