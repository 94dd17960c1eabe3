package headwater.publish.mart;

import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Pipeline;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** To which pipeline a published table belongs, by the ledger: two pipelines would overwrite each other's rows for ever. */
public final class TableOwners {
    /** The ledger's table of the published tables, which is there after a setup. */
    public static final String LEDGER = "headwater_table";

    /** A sentence for each table of a pipeline that belongs to another one. */
    public static List<String> conflicts(Connection connection, Pipeline pipeline) throws SQLException {
        Set<String> names = pipeline.published().stream().map(CuratedSpec::name).collect(Collectors.toSet());
        List<String> conflicts = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT table_name, pipeline FROM " + LEDGER + " WHERE pipeline <> ? ORDER BY table_name")) {
            select.setString(1, pipeline.name());
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    if (names.contains(row.getString(1))) {
                        conflicts.add("Cannot publish the table " + row.getString(1) + ": by " + LEDGER
                                + " it belongs to the pipeline " + row.getString(2)
                                + ". Name another database in target.url, or give the curated table another name; if that"
                                + " pipeline is no more, run its \"headwater teardown --drop-target\".");
                    }
                }
            }
        }
        return conflicts;
    }

    private TableOwners() {}
}
