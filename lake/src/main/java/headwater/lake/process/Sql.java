package headwater.lake.process;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Statements over a connection, which stays the caller's: each is prepared, given its values, run and closed.
 *
 * @param connection to PostgreSQL or MySQL
 */
public record Sql(Connection connection) {

    /** Makes something of the row that a result stands at. */
    @FunctionalInterface
    public interface RowMapper<T> {
        T map(ResultSet row) throws SQLException;
    }

    /**
     * All rows.
     *
     * @param values of the question marks, in order
     */
    public <T> List<T> list(String query, RowMapper<T> mapper, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = prepared(query, values);
                ResultSet row = statement.executeQuery()) {
            List<T> all = new ArrayList<>();
            while (row.next()) {
                all.add(mapper.map(row));
            }
            return all;
        }
    }

    /** The first row, if there is one. */
    public <T> Optional<T> first(String query, RowMapper<T> mapper, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = prepared(query, values);
                ResultSet row = statement.executeQuery()) {
            return row.next() ? Optional.of(mapper.map(row)) : Optional.empty();
        }
    }

    /** The first row of a query that always has one. */
    public <T> T one(String query, RowMapper<T> mapper, @Nullable Object... values) throws SQLException {
        return first(query, mapper, values).orElseThrow(() -> new SQLException("No row of " + query));
    }

    /** Whether there is a row. */
    public boolean any(String query, @Nullable Object... values) throws SQLException {
        return first(query, row -> true, values).isPresent();
    }

    /** Runs a statement; returns the rows that it changed. */
    public int update(String statement, @Nullable Object... values) throws SQLException {
        try (PreparedStatement prepared = prepared(statement, values)) {
            return prepared.executeUpdate();
        }
    }

    /** Runs statements without values, such as DDL, one after the other. */
    public void run(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }

    private PreparedStatement prepared(String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        try {
            for (int at = 0; at < values.length; at++) {
                statement.setObject(at + 1, values[at]);
            }
            return statement;
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }
}
