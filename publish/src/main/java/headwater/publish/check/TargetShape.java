package headwater.publish.check;

import headwater.lake.pipeline.CuratedSpec;
import headwater.publish.TargetStatements;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The columns of a MySQL table beside those that the pipeline file wants. */
public final class TargetShape {
    private static final String TWIN = "headwater_twin_";

    /** A column as the server describes it. */
    private record Column(String type, String collation, String nullable, String key) {
        String text() {
            return type
                    + (collation == null ? "" : " collate " + collation)
                    + (nullable.equals("YES") ? " null" : " not null")
                    + (key.equals("PRI") ? " in the primary key" : "");
        }
    }

    /**
     * Why rows cannot be published into an existing table, empty if they can. The server itself says what the definition
     * would be, by a temporary table, so any spelling of a type compares equal.
     *
     * @throws SQLException also if the pipeline file's types are none
     */
    public static List<String> differences(Connection connection, TargetStatements statements, String collation)
            throws SQLException {
        String table = statements.spec().name();
        List<String> differences = new ArrayList<>();
        Map<String, Column> found = columns(connection, table);
        Map<String, Column> wanted = wanted(connection, statements, collation);
        wanted.forEach((name, column) -> {
            Column there = found.get(name);
            if (there == null) {
                differences.add(difference(table, name, "is missing, it should be " + column.text()));
            } else if (!column.text().equals(there.text())) {
                differences.add(difference(table, name, "is " + there.text() + ", it should be " + column.text()));
            }
        });
        found.keySet().stream()
                .filter(name -> !wanted.containsKey(name))
                .forEach(name -> differences.add(difference(table, name, "is not in the pipeline file")));
        return differences;
    }

    /** What to say where the server does not take the pipeline file's types. */
    public static String cannotCreate(CuratedSpec table, SQLException e) {
        return "Cannot create the MySQL table " + table.name() + ": " + e.getMessage()
                + ". Correct the types in curated." + table.name() + ".columns of the pipeline file.";
    }

    /** Fails if the pipeline file's types are none. */
    static void tryTypes(Connection connection, TargetStatements statements, String collation) throws SQLException {
        wanted(connection, statements, collation);
    }

    private static Map<String, Column> wanted(Connection connection, TargetStatements statements, String collation)
            throws SQLException {
        String twin = TWIN + statements.spec().name();
        execute(connection, statements.createTwin(twin, collation));
        Map<String, Column> columns = columns(connection, twin);
        execute(connection, "DROP TEMPORARY TABLE " + TargetStatements.quote(twin));
        return columns;
    }

    private static String difference(String table, String column, String what) {
        return "Cannot publish into the existing MySQL table " + table + ": column " + column + " " + what
                + ". Alter the table, or drop it and run setup and publish again.";
    }

    private static Map<String, Column> columns(Connection connection, String table) throws SQLException {
        Map<String, Column> columns = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW FULL COLUMNS FROM " + TargetStatements.quote(table))) {
            while (row.next()) {
                columns.put(
                        row.getString("Field"),
                        new Column(
                                row.getString("Type"),
                                row.getString("Collation"),
                                row.getString("Null"),
                                row.getString("Key")));
            }
        }
        return columns;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private TargetShape() {}
}
