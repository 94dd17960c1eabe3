package headwater.publish.check;

import headwater.lake.pipeline.Pipeline;
import headwater.publish.mart.TargetStatements;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What the user may do in the target database, found out by doing it to a scratch table that is dropped again: grants
 * come from users, hosts and roles, at four levels, and only the server adds them up.
 *
 * @param missing the privileges that the server refused
 */
record TargetRights(List<String> missing) {
    private static final int DATABASE_DENIED = 1044;
    private static final int TABLE_DENIED = 1142;
    private static final int COLUMN_DENIED = 1143;
    private static final int UNKNOWN_DATABASE = 1049;
    private static final int UNKNOWN_TABLE = 1051;
    private static final int DUPLICATE_COLUMN = 1060;
    private static final int NO_SUCH_TABLE = 1146;

    /**
     * Tries each privilege. The server looks at rights before it looks for the table, so this also works where the
     * database is still to be made, or the table could not be.
     *
     * @param pipeline for the database, and for whether there are views to be made
     * @throws SQLException if the server refuses for another reason, such as being read-only
     */
    static TargetRights probe(Connection server, Pipeline pipeline) throws SQLException {
        String database = pipeline.target().database();
        String name = "headwater_probe_" + UUID.randomUUID().toString().replace("-", "");
        String table = TargetStatements.quote(database) + "." + TargetStatements.quote(name);
        String twin = TargetStatements.quote(database) + "." + TargetStatements.quote(name + "_t");
        String view = TargetStatements.quote(database) + "." + TargetStatements.quote(name + "_v");
        Set<String> missing = new LinkedHashSet<>();
        try (Statement statement = server.createStatement()) {
            try {
                attempt(statement, "DROP TABLE " + table, "DROP", missing);
                // refused for its columns where it is not refused for the rights
                attempt(statement, "CREATE TABLE " + table + " (id int, id int)", "CREATE", missing);
                if (missing.isEmpty()) {
                    attempt(
                            statement,
                            "CREATE TABLE " + table + " (id int PRIMARY KEY, n int) ENGINE=InnoDB",
                            "CREATE",
                            missing);
                }
                for (Map.Entry<String, String> privilege :
                        statements(table, twin).entrySet()) {
                    attempt(statement, privilege.getValue(), privilege.getKey(), missing);
                }
                if (!pipeline.views().isEmpty()) {
                    attempt(statement, "CREATE VIEW " + view + " AS SELECT 1", "CREATE VIEW", missing);
                }
            } finally {
                attempt(statement, "DROP VIEW IF EXISTS " + view, "DROP", missing);
                attempt(statement, "DROP TEMPORARY TABLE IF EXISTS " + twin, "DROP", missing);
                attempt(statement, "DROP TABLE IF EXISTS " + table, "DROP", missing);
            }
        }
        return new TargetRights(List.copyOf(missing));
    }

    private static void attempt(Statement statement, String sql, String privilege, Set<String> missing)
            throws SQLException {
        try {
            statement.execute(sql);
        } catch (SQLException e) {
            switch (e.getErrorCode()) {
                case DATABASE_DENIED, TABLE_DENIED, COLUMN_DENIED -> missing.add(privilege);
                case UNKNOWN_DATABASE, UNKNOWN_TABLE, NO_SUCH_TABLE, DUPLICATE_COLUMN -> {}
                default -> throw e;
            }
        }
    }

    /** Each needs no other privilege than that it stands for. */
    private static Map<String, String> statements(String table, String twin) {
        Map<String, String> statements = new LinkedHashMap<>();
        statements.put("INDEX", "CREATE INDEX headwater_probe ON " + table + " (n)");
        statements.put("ALTER", "ALTER TABLE " + table + " ADD COLUMN more int");
        statements.put("INSERT", "INSERT INTO " + table + " VALUES (1, 1, 1)");
        statements.put("SELECT", "SELECT id FROM " + table);
        statements.put("UPDATE", "UPDATE " + table + " SET n = 2 LIMIT 1");
        statements.put("DELETE", "DELETE FROM " + table + " LIMIT 1");
        statements.put("CREATE TEMPORARY TABLES", "CREATE TEMPORARY TABLE " + twin + " (id int PRIMARY KEY)");
        return statements;
    }
}
