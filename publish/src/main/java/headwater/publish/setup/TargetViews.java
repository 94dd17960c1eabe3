package headwater.publish.setup;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Sql;
import headwater.publish.mart.TargetStatements;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/** The views of the pipeline file. Whoever reads one needs the right to read the tables below it, and no other. */
final class TargetViews {
    private final Connection connection;
    private final Map<String, String> views;

    TargetViews(Connection connection, Map<String, String> views) {
        this.connection = connection;
        this.views = views;
    }

    /** Makes every view and says which are new or have become others; a view whose SQL the server refuses is a failure. */
    void setUp(PrintWriter out) throws SQLException {
        for (Map.Entry<String, String> view : views.entrySet()) {
            Optional<String> before = definition(view.getKey());
            create(view.getKey(), view.getValue());
            out.println("MySQL: view " + view.getKey() + done(before, definition(view.getKey())));
        }
    }

    void drop(PrintWriter out) throws SQLException {
        for (String view : views.keySet()) {
            execute("DROP VIEW IF EXISTS " + TargetStatements.quote(view));
            out.println("MySQL: view " + view + " dropped");
        }
    }

    private void create(String name, String sql) {
        try {
            execute("CREATE OR REPLACE SQL SECURITY INVOKER VIEW " + TargetStatements.quote(name) + " AS " + sql);
        } catch (SQLException e) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot create the MySQL view " + name + ": " + e.getMessage() + ". Correct views." + name
                            + " in the pipeline file.",
                    e);
        }
    }

    /** As the server wrote it down, so that two spellings of the same view compare equal. */
    private Optional<String> definition(String view) throws SQLException {
        return new Sql(connection)
                .first(
                        "SELECT view_definition FROM information_schema.views WHERE table_schema = DATABASE() AND table_name = ?",
                        row -> row.getString(1),
                        view);
    }

    private static String done(Optional<String> before, Optional<String> after) {
        if (before.isEmpty()) {
            return " created";
        }
        return before.equals(after) ? " is there" : " altered";
    }

    private void execute(String sql) throws SQLException {
        new Sql(connection).run(sql);
    }
}
