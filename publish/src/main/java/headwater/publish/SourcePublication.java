package headwater.publish;

import headwater.lake.contract.SourceTable;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The publication: exactly the pipeline's tables, partitions under their root's name. */
final class SourcePublication {
    private static final int COLUMN_LISTS_SINCE = 150_000;

    private final Connection connection;
    private final String name;

    SourcePublication(Connection connection, String name) {
        this.connection = connection;
        this.name = name;
    }

    void setUp(List<PublishedSource> tables, PrintWriter out) throws SQLException {
        boolean columnLists = version() >= COLUMN_LISTS_SINCE;
        if (!columnLists && tables.stream().anyMatch(table -> !table.columns().isEmpty())) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot exclude columns at this source: PostgreSQL has column lists of publications since 15. Upgrade it, or remove exclude from the pipeline file.");
        }
        Optional<Boolean> exists = exists();
        if (exists.isEmpty()) {
            execute("CREATE PUBLICATION " + sql() + " FOR TABLE " + list(tables)
                    + " WITH (publish_via_partition_root = true)");
            out.println("PostgreSQL: publication " + name + " created for " + names(tables));
        } else if (exists.get() && wanted(tables).equals(published(columnLists))) {
            out.println("PostgreSQL: publication " + name + " is there for " + names(tables));
        } else {
            execute("ALTER PUBLICATION " + sql() + " SET TABLE " + list(tables));
            execute("ALTER PUBLICATION " + sql()
                    + " SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = true)");
            out.println("PostgreSQL: publication " + name + " altered to " + names(tables));
        }
    }

    void drop(PrintWriter out) throws SQLException {
        boolean existed = exists().isPresent();
        execute("DROP PUBLICATION IF EXISTS " + sql());
        out.println("PostgreSQL: publication " + name + (existed ? " dropped" : " is not there"));
    }

    /** Empty if there is none; false if its options differ. */
    private Optional<Boolean> exists() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT puballtables, pubviaroot AND pubinsert AND pubupdate AND pubdelete AND pubtruncate"
                        + " FROM pg_publication WHERE pubname = ?")) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                if (row.getBoolean(1)) {
                    throw new Failure(
                            Remedy.OPERATOR,
                            "Cannot use the publication " + name
                                    + ": it is FOR ALL TABLES. Drop it, or give source.publication another name.");
                }
                return Optional.of(row.getBoolean(2));
            }
        }
    }

    /** Table to its column list, both as the catalog has them. */
    private Map<String, List<String>> published(boolean columnLists) throws SQLException {
        String columns = columnLists
                ? "CASE WHEN r.prattrs IS NULL THEN '{}' ELSE array(SELECT a.attname::text FROM pg_attribute a"
                        + " WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::int2[]) ORDER BY a.attnum) END,"
                        + " r.prqual IS NOT NULL"
                : "'{}'::text[], false";
        Map<String, List<String>> published = new TreeMap<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT n.nspname, c.relname, " + columns
                        + " FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid"
                        + " JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE p.pubname = ?")) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    SourceTable table = new SourceTable(row.getString(1), row.getString(2));
                    String filtered = row.getBoolean(4) ? " with a row filter" : "";
                    published.put(
                            table + filtered, List.of((String[]) row.getArray(3).getArray()));
                }
            }
        }
        if (columnLists) {
            addSchemas(published);
        }
        return published;
    }

    /** Whole schemas, which no pipeline wants. */
    private void addSchemas(Map<String, List<String>> published) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT n.nspname FROM pg_publication p"
                + " JOIN pg_publication_namespace s ON s.pnpubid = p.oid JOIN pg_namespace n ON n.oid = s.pnnspid"
                + " WHERE p.pubname = ?")) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    published.put("all tables of " + row.getString(1), List.of());
                }
            }
        }
    }

    private static Map<String, List<String>> wanted(List<PublishedSource> tables) {
        Map<String, List<String>> wanted = new TreeMap<>();
        tables.forEach(table -> wanted.put(table.table().toString(), table.columns()));
        return wanted;
    }

    private static String list(List<PublishedSource> tables) {
        return tables.stream()
                .map(table -> table.table().sql()
                        + (table.columns().isEmpty()
                                ? ""
                                : table.columns().stream()
                                        .map(SourceTable::quote)
                                        .collect(Collectors.joining(", ", " (", ")"))))
                .collect(Collectors.joining(", "));
    }

    private static String names(List<PublishedSource> tables) {
        return tables.stream().map(table -> table.table().toString()).collect(Collectors.joining(", "));
    }

    private String sql() {
        return SourceTable.quote(name);
    }

    private int version() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW server_version_num")) {
            row.next();
            return Integer.parseInt(row.getString(1));
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
