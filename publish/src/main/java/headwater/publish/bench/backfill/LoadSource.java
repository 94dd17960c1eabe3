package headwater.publish.bench.backfill;

import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Progress;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import headwater.lake.process.Sql;
import headwater.publish.bench.BenchServers;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * The tables that every side reads, at rest: vacuumed, so that nobody does it while a side is measured, and read once, so
 * that all sides find the same pages in memory.
 *
 * @param rows of all tables, and their bytes in PostgreSQL's binary form
 */
record LoadSource(List<SourceTable> tables, DiscardedCopy rows) {

    /** Brings the tables to rest. */
    static LoadSource of(BenchServers servers, Pipeline pipeline, PrintStream out, Shutdown shutdown)
            throws SQLException {
        List<SourceTable> tables =
                pipeline.tables().stream().map(TableSpec::source).toList();
        long counted = 0;
        try (Connection connection = servers.servers().postgres().openAsSuperuser()) {
            Sql sql = new Sql(connection);
            for (SourceTable table : tables) {
                sql.run("VACUUM (ANALYZE) " + table.sql());
                counted += sql.one("SELECT count(*) FROM " + table.sql(), row -> row.getLong(1));
            }
            sql.run("CHECKPOINT");
        }
        try (Progress progress = new Progress("read once", counted, out)) {
            DiscardedCopy read = DiscardedCopy.of(pipeline.source(), tables, progress, shutdown);
            LoadSource source = new LoadSource(tables, new DiscardedCopy(counted, read.bytes()));
            source.require("the first reading", read.rows());
            return source;
        }
    }

    /** Fails unless all rows arrived: a side that reads less is not faster. */
    void require(String where, long arrived) {
        if (arrived != rows.rows()) {
            throw new Failure(
                    Remedy.BUG,
                    "The benchmark is void: of " + rows.rows() + " rows in the source " + arrived + " came by " + where
                            + ".");
        }
    }
}
