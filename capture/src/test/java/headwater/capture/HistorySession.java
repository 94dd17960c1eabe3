package headwater.capture;

import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import org.postgresql.PGConnection;

/** A client of the source: a connection and its transaction in the {@link SourceModel}. */
final class HistorySession implements AutoCloseable {
    private record Savepoint(String name, ModelTransaction.Mark mark) {}

    private final int number;
    private final String schema;
    private final SourceModel model;
    private final Connection connection;
    private final Deque<Savepoint> savepoints = new ArrayDeque<>();
    private ModelTransaction transaction;
    private boolean prepared;

    HistorySession(int number, TestingSource source, SourceModel model) throws SQLException {
        this.number = number;
        this.schema = source.name();
        this.model = model;
        this.connection = source.open();
        // the history lets no statement wait for another session
        execute("SET lock_timeout = '10s'");
    }

    int number() {
        return number;
    }

    /** Its transaction; null between two. */
    ModelTransaction transaction() {
        return transaction;
    }

    boolean prepared() {
        return prepared;
    }

    boolean hasSavepoint() {
        return !savepoints.isEmpty();
    }

    /** @param sql in which {@code $} stands for the schema */
    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql.replace("$", schema));
        }
    }

    void copy(String sql, String rows) throws SQLException, IOException {
        connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql.replace("$", schema), new StringReader(rows));
    }

    void begin() throws SQLException {
        execute("BEGIN");
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_xact_id()")) {
            row.next();
            transaction = model.begin(row.getLong(1));
        }
    }

    void setSavepoint() throws SQLException {
        Savepoint savepoint = new Savepoint("s" + savepoints.size(), transaction.mark());
        execute("SAVEPOINT " + savepoint.name());
        savepoints.push(savepoint);
    }

    void rollBackToSavepoint() throws SQLException {
        Savepoint savepoint = savepoints.pop();
        execute("ROLLBACK TO " + savepoint.name());
        execute("RELEASE " + savepoint.name());
        transaction.rollBackTo(savepoint.mark());
    }

    void releaseSavepoint() throws SQLException {
        execute("RELEASE " + savepoints.pop().name());
    }

    /** Returns whether a transaction that began later was committed before. */
    boolean commit() throws SQLException {
        execute(prepared ? "COMMIT PREPARED '$." + number + "'" : "COMMIT");
        boolean overtaken = model.commit(transaction);
        end();
        return overtaken;
    }

    void rollBack() throws SQLException {
        execute(prepared ? "ROLLBACK PREPARED '$." + number + "'" : "ROLLBACK");
        model.rollBack(transaction);
        end();
    }

    void prepare() throws SQLException {
        execute("PREPARE TRANSACTION '$." + number + "'");
        prepared = true;
    }

    private void end() {
        transaction = null;
        prepared = false;
        savepoints.clear();
    }

    /** A prepared transaction would outlive its connection. */
    @Override
    public void close() throws SQLException {
        if (prepared) {
            execute("ROLLBACK PREPARED '$." + number + "'");
        }
        connection.close();
    }
}
