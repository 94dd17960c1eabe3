package headwater.capture.partd.traffic;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a table to work on: small runs of primary keys from random places, each row handed out once, so that picking
 * costs the same in a table of any size and never reads more than an index range.
 */
final class RowSample {
    private static final int RUN = 20;
    private static final int RUNS_PER_RANGE = 50;

    /** Values of one row as they were when it was read; texts are null where the column is. */
    record Row(long id, int year, long npi, @Nullable String state) {}

    private final String table;
    private final String query;
    private final SplittableRandom random;
    private final Deque<Row> rows = new ArrayDeque<>();
    private long lowest;
    private long highest;
    private int runs;

    /** @param columns of year, NPI and state, or constants for those that the table has not */
    RowSample(String table, String columns, SplittableRandom random) {
        this.table = table;
        this.query = "SELECT id, " + columns + " FROM " + table + " WHERE id >= ? ORDER BY id LIMIT " + RUN;
        this.random = random;
    }

    /** The next row; it may be gone when it is used. */
    Row next(Connection connection) throws SQLException {
        while (rows.isEmpty()) {
            if (runs++ % RUNS_PER_RANGE == 0) {
                readRange(connection);
            }
            readRun(connection, random.nextLong(lowest, highest + 1));
        }
        return rows.poll();
    }

    private void readRange(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet range = statement.executeQuery("SELECT min(id), max(id) FROM " + table)) {
            range.next();
            lowest = range.getLong(1);
            highest = range.getLong(2);
            if (range.wasNull()) {
                throw new Failure(
                        Remedy.OPERATOR,
                        "Cannot make change traffic: " + table
                                + " has no rows. Run \"headwater generate --rows N\" first.");
            }
        }
    }

    private void readRun(Connection connection, long from) throws SQLException {
        rows.addAll(new Sql(connection)
                .list(query, row -> new Row(row.getLong(1), row.getInt(2), row.getLong(3), row.getString(4)), from));
    }
}
