package headwater.publish.setup;

import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.process.Sql;
import headwater.publish.mart.TargetStatements;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The further indexes of one published table. Those that the pipeline file does not name are left as they are. */
final class TargetIndexes {
    private final Connection connection;
    private final CuratedSpec table;

    TargetIndexes(Connection connection, CuratedSpec table) {
        this.connection = connection;
        this.table = table;
    }

    /** Makes the indexes that are missing, and makes those anew whose columns are others. */
    void setUp(PrintWriter out) throws SQLException {
        for (String name : table.indexes().keySet()) {
            List<String> wanted = columns(table.indexes().get(name));
            List<String> found = find(name);
            if (found.equals(wanted)) {
                continue;
            }
            String index = TargetStatements.quote(name) + " on " + table.name();
            if (!found.isEmpty()) {
                execute("DROP INDEX " + TargetStatements.quote(name) + " ON " + TargetStatements.quote(table.name()));
                out.println("MySQL: index " + index + " dropped, its columns were " + found);
            }
            execute("CREATE INDEX " + TargetStatements.quote(name) + " ON " + TargetStatements.quote(table.name())
                    + " (" + wanted.stream().map(TargetIndexes::quoted).collect(Collectors.joining(", ")) + ")");
            out.println("MySQL: index " + index + " created");
        }
    }

    /** As {@code name} or {@code name DESC}; none if there is no index of that name. */
    private List<String> find(String name) throws SQLException {
        return new Sql(connection)
                .list(
                        "SELECT column_name, collation FROM information_schema.statistics WHERE table_schema = DATABASE()"
                                + " AND table_name = ? AND index_name = ? ORDER BY seq_in_index",
                        row -> row.getString(1) + ("D".equals(row.getString(2)) ? " DESC" : ""),
                        table.name(),
                        name);
    }

    private static List<String> columns(String indexed) {
        return Arrays.stream(indexed.split(","))
                .map(column -> column.strip().replaceFirst(" ASC$", ""))
                .toList();
    }

    private static String quoted(String column) {
        return column.endsWith(" DESC")
                ? TargetStatements.quote(column.substring(0, column.length() - " DESC".length())) + " DESC"
                : TargetStatements.quote(column);
    }

    private void execute(String sql) throws SQLException {
        new Sql(connection).run(sql);
    }
}
