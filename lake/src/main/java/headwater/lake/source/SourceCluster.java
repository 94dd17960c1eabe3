package headwater.lake.source;

import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Which cluster the source is, and where its WAL ends.
 *
 * @param identifier an unsigned 64-bit number as text
 * @param end of the WAL that is flushed
 */
public record SourceCluster(String identifier, int timeline, Lsn end) {

    /** IDENTIFY_SYSTEM needs no right beyond REPLICATION, which capture has. */
    public static SourceCluster of(SourceSettings source) throws SQLException {
        try (Connection connection = source.openReplication("")) {
            return of(connection);
        }
    }

    /** The same over a connection in replication mode. */
    public static SourceCluster of(Connection replication) throws SQLException {
        return new Sql(replication)
                .one(
                        "IDENTIFY_SYSTEM",
                        row -> new SourceCluster(
                                row.getString("systemid"),
                                row.getInt("timeline"),
                                Lsn.parse(row.getString("xlogpos"))));
    }
}
