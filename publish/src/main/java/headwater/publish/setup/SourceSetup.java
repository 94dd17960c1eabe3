package headwater.publish.setup;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.watch.SourceWatch;
import headwater.publish.check.Findings;
import headwater.publish.check.SourcePublicationTable;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The pipeline's side of PostgreSQL: tables that can be published, the publication, and only then the slot. */
final class SourceSetup {
    private final Pipeline pipeline;

    SourceSetup(Pipeline pipeline) {
        this.pipeline = pipeline;
    }

    void setUp(PrintWriter out) {
        try (Connection connection = pipeline.source().open()) {
            Findings findings = new Findings();
            List<SourcePublicationTable> tables = new ArrayList<>();
            for (TableSpec table : pipeline.tables()) {
                SourcePublicationTable.look(connection, table, findings).ifPresent(tables::add);
            }
            findings.requireNone("set up PostgreSQL");
            out.println("PostgreSQL: " + tables.size() + " tables have a usable replica identity");
            new SourcePublication(connection, pipeline.source()).setUp(tables, out);
            new SourceSlot(connection, pipeline.source()).setUp(out);
            new SourceWatch(pipeline).look(connection).forEach(out::println);
        } catch (SQLException e) {
            throw failure("set up", e);
        }
    }

    /** The slot first: without its publication it could not be read. */
    void tearDown(PrintWriter out) {
        try (Connection connection = pipeline.source().open()) {
            new SourceSlot(connection, pipeline.source()).drop(out);
            new SourcePublication(connection, pipeline.source()).drop(out);
        } catch (SQLException e) {
            throw failure("tear down", e);
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
