package headwater.publish.mart;

import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The columns of a MySQL table beside those that the pipeline file wants. */
public final class TargetShape {
    private static final String TWIN = "headwater_twin_";

    private static final String UNIQUE_INDEXES = "SELECT DISTINCT index_name FROM information_schema.statistics WHERE"
            + " table_schema = DATABASE() AND table_name = ? AND non_unique = 0 AND index_name <> 'PRIMARY'";
    private static final String ENGINE =
            "SELECT engine FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?";
    private static final String TRIGGERS = "SELECT trigger_name FROM information_schema.triggers WHERE"
            + " event_object_schema = DATABASE() AND event_object_table = ?";
    private static final String KEY = "SELECT column_name FROM information_schema.statistics WHERE"
            + " table_schema = DATABASE() AND table_name = ? AND index_name = 'PRIMARY' ORDER BY seq_in_index";

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
        if (differences.isEmpty()) {
            differences.addAll(hazards(connection, statements.spec()));
        }
        return differences;
    }

    /** What makes an upsert do something else than write the row of its key, or do it half. */
    private static List<String> hazards(Connection connection, CuratedSpec spec) throws SQLException {
        List<String> hazards = new ArrayList<>();
        String table = spec.name();
        for (String index : texts(connection, UNIQUE_INDEXES, table)) {
            hazards.add(hazard(
                    table,
                    "it has the UNIQUE index " + index
                            + ", by which an upsert may change another row than that of its key."
                            + " Drop the index."));
        }
        for (String engine : texts(connection, ENGINE, table)) {
            if (!engine.equalsIgnoreCase("InnoDB")) {
                hazards.add(hazard(
                        table,
                        "its engine is " + engine
                                + ", which has no transactions, so readers would see half a publication."
                                + " Run ALTER TABLE " + TargetStatements.quote(table) + " ENGINE = InnoDB."));
            }
        }
        for (String trigger : texts(connection, TRIGGERS, table)) {
            hazards.add(hazard(
                    table,
                    "the trigger " + trigger
                            + " may change what is published. Drop it, or publish into a table of its own"
                            + " and read that."));
        }
        List<String> key = texts(connection, KEY, table);
        if (!key.equals(spec.key())) {
            hazards.add(hazard(
                    table,
                    "its primary key is " + key + ", and the pipeline's " + spec.key()
                            + ", in another order. Drop the table and run setup and publish again."));
        }
        return hazards;
    }

    private static String hazard(String table, String what) {
        return "Cannot publish into the existing MySQL table " + table + ": " + what;
    }

    private static List<String> texts(Connection connection, String query, String table) throws SQLException {
        return new Sql(connection).list(query, row -> row.getString(1), table);
    }

    /** What to say where the server does not take the pipeline file's types. */
    public static String cannotCreate(CuratedSpec table, SQLException e) {
        return "Cannot create the MySQL table " + table.name() + ": " + e.getMessage()
                + ". Correct the types in curated." + table.name() + ".columns of the pipeline file.";
    }

    /** Fails if the pipeline file's types are none. */
    public static void tryTypes(Connection connection, TargetStatements statements, String collation)
            throws SQLException {
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
        new Sql(connection)
                .list(
                        "SHOW FULL COLUMNS FROM " + TargetStatements.quote(table),
                        row -> columns.put(
                                row.getString("Field"),
                                new Column(
                                        row.getString("Type"),
                                        row.getString("Collation"),
                                        row.getString("Null"),
                                        row.getString("Key"))));
        return columns;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        new Sql(connection).run(sql);
    }

    private TargetShape() {}
}
