package headwater.publish.docs;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A result with its header, as the mysql client shows it: cells as texts, NULL for null. */
record Rows(List<List<String>> lines) {

    /** Reads the client's table of dashes and bars. */
    static Rows shown(String table) {
        return new Rows(table.lines()
                .filter(line -> line.startsWith("|"))
                .map(line -> Arrays.stream(line.substring(1).split("\\|"))
                        .map(String::strip)
                        .toList())
                .toList());
    }

    static Rows of(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            int columns = row.getMetaData().getColumnCount();
            List<List<String>> lines = new ArrayList<>();
            List<String> header = new ArrayList<>();
            for (int at = 1; at <= columns; at++) {
                header.add(row.getMetaData().getColumnLabel(at));
            }
            lines.add(header);
            while (row.next()) {
                List<String> line = new ArrayList<>();
                for (int at = 1; at <= columns; at++) {
                    line.add(row.getString(at) == null ? "NULL" : row.getString(at));
                }
                lines.add(line);
            }
            return new Rows(lines);
        }
    }
}
