package headwater.capture.source;

import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import headwater.lake.process.Sql;
import headwater.lake.source.ReplicationSlot;
import headwater.lake.watch.SourceWatch;
import java.sql.Connection;
import java.sql.SQLException;
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
        ReplicationSlot slot = ReplicationSlot.read(session, source.slot())
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
        return ReplicationSlot.read(session, source.slot())
                .map(slot -> SlotHealth.of(now, slot))
                .orElseThrow(() -> new SQLException("the slot was dropped just now"));
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
        return new Sql(session)
                .one(
                        "SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()",
                        row -> new Session(row.getInt(1), row.getString(2)));
    }

    private void keepAlive() throws SQLException {
        new Sql(session).run(KEEPALIVES);
    }

    /** The network may have lost it, and the server not know: it would keep the lock. */
    private void end(Session before) throws SQLException {
        if (new Sql(session)
                .any(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ? AND backend_start::text = ?",
                        before.pid(),
                        before.startedAt())) {
            LOG.info("Ended the session of the last claim pid={}", before.pid());
        }
    }

    private boolean holderIsSilent() throws SQLException {
        return holder().filter(Holder::isSilent).isPresent();
    }

    /** Who holds the lock; without one it was given back just now. */
    private Optional<Holder> holder() throws SQLException {
        return new Sql(session)
                .first(
                        HOLDER,
                        row -> new Holder(
                                row.getInt(1),
                                row.getString(2) + " from " + row.getString(3) + " since " + row.getString(4),
                                row.getDouble(5)),
                        source.slot());
    }

    /** @param quiet seconds since it asked something last */
    private record Holder(int pid, String client, double quiet) {
        private boolean isSilent() {
            return quiet > SILENCE.toSeconds();
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
        return new Sql(session)
                .one("SELECT pg_try_advisory_lock(" + LOCK + ")", row -> row.getBoolean(1), source.slot());
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
        return holder().filter(Holder::isSilent)
                .map(holder -> cannotStart("the claim on the slot \"" + source.slot() + "\" is held by PID "
                        + holder.pid() + " (" + holder.client() + "), which has asked nothing for "
                        + Math.round(holder.quiet())
                        + " s. Is that capture stopped, or its machine gone? End it, or its connection with SELECT"
                        + " pg_terminate_backend(" + holder.pid() + ")."))
                .orElseGet(() -> cannotStart("another capture of the slot \"" + source.slot()
                        + "\" is starting or stopping. Run one of the two."));
    }

    private String client(long pid) throws SQLException {
        return new Sql(session)
                .first(
                        "SELECT application_name, client_addr, backend_start FROM pg_stat_activity WHERE pid = ?",
                        row -> row.getString(1) + " from " + row.getString(2) + " since " + row.getString(3),
                        pid)
                .orElse("its client has gone");
    }

    private static Failure cannotStart(String why) {
        return new Failure(Remedy.OPERATOR, "Cannot start capture: " + why);
    }
}
