package headwater.publish.mart;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one connection of a publisher: it holds the pipeline's lock from open to close, so a second publisher of the same
 * pipeline is refused, and a lost connection loses lock and transaction together.
 */
public final class TargetSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TargetSession.class);
    private static final int ATTEMPTS = 5;

    /** What one transaction does; it may run several times. */
    public interface Work {
        void run() throws SQLException;
    }

    private final Connection connection;

    private TargetSession(Connection connection) {
        this.connection = connection;
    }

    public static TargetSession open(Pipeline pipeline) throws SQLException {
        Connection connection = pipeline.target().openBounded();
        try {
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            // a value that does not fit is an error, never cut
            new Sql(connection).run("SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES')");
            lock(connection, pipeline);
            requireOwned(connection, pipeline);
            connection.setAutoCommit(false);
            return new TargetSession(connection);
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    public Connection connection() {
        return connection;
    }

    /** Runs the work and commits; again from its start where the transaction fell victim to another one. */
    public void inTransaction(Work work) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                work.run();
                connection.commit();
                return;
            } catch (SQLException e) {
                rollback(e);
                if (!TargetFault.isVictim(e) || attempt == ATTEMPTS) {
                    throw e;
                }
                LOG.info("Repeating the transaction attempt={} error={}", attempt + 1, e.getErrorCode());
            } catch (RuntimeException e) {
                rollback(e);
                throw e;
            }
        }
    }

    /** Of a connection that has gone the server rolls back by itself; what broke it is what counts. */
    private void rollback(Exception cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    private static void requireOwned(Connection connection, Pipeline pipeline) throws SQLException {
        TableOwners.conflicts(connection, pipeline).stream().findFirst().ifPresent(other -> {
            throw new Failure(Remedy.OPERATOR, other);
        });
    }

    /** The lock's name is the server's, at most 64 characters: the database is part of it. */
    private static void lock(Connection connection, Pipeline pipeline) throws SQLException {
        String name = "headwater/" + pipeline.target().database() + "/" + pipeline.name();
        if (name.length() > 64) {
            name = "headwater/" + Integer.toHexString(name.hashCode()) + name.substring(name.length() - 40);
        }
        record Lock(boolean ours, String holder) {}
        Lock lock = new Sql(connection)
                .one(
                        "SELECT GET_LOCK(?, 3), IS_USED_LOCK(?)",
                        row -> new Lock(row.getInt(1) == 1, String.valueOf(row.getString(2))),
                        name,
                        name);
        if (!lock.ours()) {
            throw new Failure(
                    Remedy.RETRY,
                    "Cannot publish pipeline " + pipeline.name() + ": another publisher is at it, MySQL connection "
                            + lock.holder() + ". Run one publisher per pipeline, or wait until that one is done.");
        }
    }
}
