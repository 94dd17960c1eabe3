package headwater.publish.mart;

import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** To which pipeline a published table belongs, by the ledger: two pipelines would overwrite each other's rows for ever. */
public final class TableOwners {
    /** The ledger's table of the published tables, which is there after a setup. */
    public static final String LEDGER = "headwater_table";

    /** A sentence for each table of a pipeline that belongs to another one. */
    public static List<String> conflicts(Connection connection, Pipeline pipeline) throws SQLException {
        record Owned(String table, String pipeline) {}
        Set<String> names = pipeline.published().stream().map(CuratedSpec::name).collect(Collectors.toSet());
        return new Sql(connection)
                        .list(
                                "SELECT table_name, pipeline FROM " + LEDGER
                                        + " WHERE pipeline <> ? ORDER BY table_name",
                                row -> new Owned(row.getString(1), row.getString(2)),
                                pipeline.name())
                        .stream()
                        .filter(owned -> names.contains(owned.table()))
                        .map(owned -> "Cannot publish the table " + owned.table() + ": by " + LEDGER
                                + " it belongs to the pipeline " + owned.pipeline()
                                + ". Name another database in target.url, or give the curated table another name; if that"
                                + " pipeline is no more, run its \"headwater teardown --drop-target\".")
                        .toList();
    }

    private TableOwners() {}
}
