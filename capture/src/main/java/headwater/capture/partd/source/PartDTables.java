package headwater.capture.partd.source;

import headwater.lake.process.Sql;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;

/** The four source tables of the shipped pipeline. */
public final class PartDTables {
    private static final String SQL = "/pipelines/medicare-part-d/source.sql";

    /** Makes the schema and those of its tables that are not there; where all are there, no right to make any is needed. */
    public static void create(Connection connection) throws SQLException {
        if (allExist(connection)) {
            return;
        }
        try (InputStream in = PartDTables.class.getResourceAsStream(SQL)) {
            new Sql(connection)
                    .run("SET client_min_messages = warning", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + SQL, e);
        }
    }

    private static boolean allExist(Connection connection) throws SQLException {
        return new Sql(connection)
                .one(
                        "SELECT count(*) FROM pg_tables WHERE schemaname = 'cms'"
                                + " AND tablename IN ('prescriber_drug', 'prescriber', 'drug', 'state')",
                        row -> row.getInt(1) == 4);
    }

    private PartDTables() {}
}
