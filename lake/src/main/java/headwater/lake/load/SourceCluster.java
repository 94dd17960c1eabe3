package headwater.lake.load;

import headwater.lake.pipeline.SourceSettings;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The cluster that a source is: positions of two clusters cannot be compared.
 *
 * @param identifier an unsigned number of 64 bits, as text
 */
public record SourceCluster(String identifier, int timeline) {

    /** By IDENTIFY_SYSTEM, which needs no right beyond REPLICATION. */
    public static SourceCluster of(SourceSettings source) throws SQLException {
        try (Connection connection = source.openReplication("");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
            row.next();
            return new SourceCluster(row.getString("systemid"), row.getInt("timeline"));
        }
    }
}
