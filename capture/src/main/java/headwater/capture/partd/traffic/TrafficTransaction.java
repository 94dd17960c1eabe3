package headwater.capture.partd.traffic;

import headwater.capture.partd.traffic.TrafficTotals.Count;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * An open transaction of change traffic.
 *
 * @param changed what it has changed so far
 */
record TrafficTransaction(Connection connection, TrafficTotals changed) {

    /** Runs a statement and counts the rows that it changes. */
    void run(Count count, String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            changed.add(count, statement.executeUpdate());
        }
    }
}
