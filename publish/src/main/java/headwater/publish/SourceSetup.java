package headwater.publish;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The pipeline's side of PostgreSQL: tables that can be published, the publication, and only then the slot. */
final class SourceSetup {
    private static final int OLDEST_VERSION = 140_000;

    private final Pipeline pipeline;

    SourceSetup(Pipeline pipeline) {
        this.pipeline = pipeline;
    }

    void setUp(PrintWriter out) {
        try (Connection connection = pipeline.source().open()) {
            checkServer(connection);
            List<PublishedSource> tables = new ArrayList<>();
            for (TableSpec table : pipeline.tables()) {
                tables.add(PublishedSource.check(connection, table));
            }
            out.println("PostgreSQL: " + tables.size() + " tables have a usable replica identity");
            new SourcePublication(connection, pipeline.source().publication()).setUp(tables, out);
            new SourceSlot(connection, pipeline.source()).setUp(out);
        } catch (SQLException e) {
            throw failure("set up", e);
        }
    }

    /** The slot first: without its publication it could not be read. */
    void tearDown(PrintWriter out) {
        try (Connection connection = pipeline.source().open()) {
            new SourceSlot(connection, pipeline.source()).drop(out);
            new SourcePublication(connection, pipeline.source().publication()).drop(out);
        } catch (SQLException e) {
            throw failure("tear down", e);
        }
    }

    private void checkServer(Connection connection) throws SQLException {
        int version = Integer.parseInt(show(connection, "server_version_num"));
        if (version < OLDEST_VERSION) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot use PostgreSQL " + show(connection, "server_version") + ": needs 14 or newer.");
        }
        String walLevel = show(connection, "wal_level");
        if (!walLevel.equals("logical")) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot capture from " + pipeline.source().url() + ": wal_level is " + walLevel
                            + ". Set wal_level = logical in postgresql.conf (on RDS rds.logical_replication = 1) and restart the server.");
        }
    }

    private static String show(Connection connection, String setting) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW " + setting)) {
            row.next();
            return row.getString(1);
        }
    }

    private Failure failure(String doing, SQLException e) {
        return new Failure(
                Remedy.OPERATOR,
                "Cannot " + doing + " PostgreSQL at " + pipeline.source().url() + " as "
                        + pipeline.source().user() + ": " + e.getMessage()
                        + ". The user needs LOGIN and REPLICATION (on RDS the role rds_replication), CREATE on the database, and must own the tables.",
                e);
    }
}
