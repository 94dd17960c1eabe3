package headwater.capture.partd.traffic;

import headwater.capture.partd.traffic.TrafficTotals.Count;
import headwater.lake.process.Sql;
import java.sql.Connection;
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
        changed.add(count, new Sql(connection).update(sql, values));
    }
}
