package headwater.publish.setup;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TargetSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Sql;
import headwater.publish.mart.TargetStatements;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** The MySQL user that reports read as. To make one takes rights that a publisher should not have. */
final class ReportUser {
    private final Pipeline pipeline;

    ReportUser(Pipeline pipeline) {
        this.pipeline = pipeline;
    }

    /** Says whether the user is there and may only read, and otherwise the statements that an administrator runs. */
    void check(PrintWriter out) throws SQLException {
        if (!pipeline.report().hasUser()) {
            out.println("MySQL: reports read as " + pipeline.target().user()
                    + ", who may also write; report.user of the pipeline file can name a user who may not");
            return;
        }
        TargetSettings reader = pipeline.reader();
        try (Connection connection = reader.open()) {
            List<String> more = grantsBeyondReading(connection);
            out.println(
                    more.isEmpty()
                            ? "MySQL: report user " + reader.user() + " is there and may only read"
                            : "MySQL: report user " + reader.user() + " may do more than read: "
                                    + String.join("; ", more));
        } catch (Failure e) {
            out.println("MySQL: report user " + reader.user() + " cannot log in (" + Failure.reason(e)
                    + "). Let an administrator run:\n  " + statements(reader));
        }
    }

    private static List<String> grantsBeyondReading(Connection connection) throws SQLException {
        return new Sql(connection)
                .list("SHOW GRANTS", row -> row.getString(1)).stream()
                        .filter(grant -> !grant.matches("GRANT (USAGE|SELECT|SELECT, SHOW VIEW|SHOW VIEW) ON .*"))
                        .toList();
    }

    private static String statements(TargetSettings reader) {
        return "CREATE USER '" + reader.user() + "'@'%' IDENTIFIED BY '...';\n  GRANT SELECT ON "
                + TargetStatements.quote(reader.database()) + ".* TO '" + reader.user() + "'@'%';";
    }
}
