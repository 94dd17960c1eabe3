package headwater.capture.partd.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The four source tables of the shipped pipeline. */
public final class PartDTables {
    private static final String SQL = "/pipelines/medicare-part-d/source.sql";

    /** Makes the schema and those of its tables that are not there; where all are there, no right to make any is needed. */
    public static void create(Connection connection) throws SQLException {
        if (allExist(connection)) {
            return;
        }
        try (Statement statement = connection.createStatement();
                InputStream in = PartDTables.class.getResourceAsStream(SQL)) {
            statement.execute("SET client_min_messages = warning");
            statement.execute(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + SQL, e);
        }
    }

    private static boolean allExist(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("SELECT count(*) FROM pg_tables WHERE schemaname = 'cms'"
                        + " AND tablename IN ('prescriber_drug', 'prescriber', 'drug', 'state')")) {
            count.next();
            return count.getInt(1) == 4;
        }
    }

    private PartDTables() {}
}
