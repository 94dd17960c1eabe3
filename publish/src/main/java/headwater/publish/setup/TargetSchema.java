package headwater.publish.setup;

import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TargetSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Sql;
import headwater.publish.mart.Ledger;
import headwater.publish.mart.TableOwners;
import headwater.publish.mart.TargetServer;
import headwater.publish.mart.TargetShape;
import headwater.publish.mart.TargetStatements;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Database, ledger, published tables and views in MySQL. */
public final class TargetSchema {
    private final Pipeline pipeline;
    private final TargetSettings target;

    public TargetSchema(Pipeline pipeline) {
        this.pipeline = pipeline;
        this.target = pipeline.target();
    }

    /** Makes what is missing and says so; a table that is there with other columns is a failure. */
    public void setUp(PrintWriter out) {
        try {
            createDatabase(out);
            try (Connection connection = target.open()) {
                String collation = TargetServer.of(connection).collation();
                boolean ledger = exists(connection, Ledger.PUBLICATION) && exists(connection, Ledger.TABLE);
                for (String definition : Ledger.DEFINITIONS) {
                    execute(connection, definition);
                }
                out.println("MySQL: ledger tables " + Ledger.PUBLICATION + ", " + Ledger.TABLE
                        + (ledger ? " are there" : " created"));
                for (String other : TableOwners.conflicts(connection, pipeline)) {
                    throw new Failure(Remedy.OPERATOR, other);
                }
                for (CuratedSpec table : pipeline.published()) {
                    setUp(connection, table, collation, out);
                    new TargetIndexes(connection, table).setUp(out);
                }
                new TargetViews(connection, pipeline.views()).setUp(out);
            }
            new ReportUser(pipeline).check(out);
        } catch (SQLException e) {
            throw failure("set up", e);
        }
    }

    /** Drops the views and the published tables and forgets the pipeline in the ledger. */
    public void drop(PrintWriter out) {
        try (Connection connection = target.open()) {
            new TargetViews(connection, pipeline.views()).drop(out);
            for (CuratedSpec table : pipeline.published()) {
                execute(connection, "DROP TABLE IF EXISTS " + TargetStatements.quote(table.name()));
                out.println("MySQL: table " + table.name() + " dropped");
            }
            if (exists(connection, Ledger.PUBLICATION) && exists(connection, Ledger.TABLE)) {
                new Ledger(connection, pipeline.name()).forget();
            }
            out.println("MySQL: ledger of pipeline " + pipeline.name() + " forgotten");
        } catch (SQLException e) {
            throw failure("tear down", e);
        }
    }

    private void createDatabase(PrintWriter out) throws SQLException {
        try (Connection server = target.openServer()) {
            if (new Sql(server)
                    .any("SELECT 1 FROM information_schema.schemata WHERE schema_name = ?", target.database())) {
                out.println("MySQL: database " + target.database() + " is there");
                return;
            }
            execute(
                    server,
                    "CREATE DATABASE " + TargetStatements.quote(target.database()) + " CHARACTER SET utf8mb4 COLLATE "
                            + TargetServer.of(server).collation());
            out.println("MySQL: database " + target.database() + " created");
        }
    }

    private void setUp(Connection connection, CuratedSpec table, String collation, PrintWriter out) {
        TargetStatements statements = new TargetStatements(table);
        try {
            if (!exists(connection, table.name())) {
                execute(connection, statements.createTable(collation));
                out.println("MySQL: table " + table.name() + " created");
                return;
            }
            List<String> differences = TargetShape.differences(connection, statements, collation);
            if (!differences.isEmpty()) {
                throw new Failure(Remedy.OPERATOR, differences.get(0));
            }
            out.println("MySQL: table " + table.name() + " is there");
        } catch (SQLException e) {
            throw new Failure(Remedy.OPERATOR, TargetShape.cannotCreate(table, e), e);
        }
    }

    private boolean exists(Connection connection, String table) throws SQLException {
        return new Sql(connection)
                .any(
                        "SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
                        target.database(),
                        table);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        new Sql(connection).run(sql);
    }

    private Failure failure(String doing, SQLException e) {
        return new Failure(
                Remedy.OPERATOR,
                "Cannot " + doing + " MySQL at " + target.url() + " as " + target.user() + ": " + e.getMessage()
                        + ". The user needs all rights on the database " + target.database() + ", or on "
                        + target.database()
                        + ".* with the database made beforehand.",
                e);
    }
}
