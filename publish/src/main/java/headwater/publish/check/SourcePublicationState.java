package headwater.publish.check;

import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A publication as the catalog has it.
 *
 * @param allTables whether it is FOR ALL TABLES
 * @param owned whether the pipeline's role may alter it
 * @param complete whether it publishes every operation, and partitions under their root's name
 * @param mark the comment on it, empty without one
 * @param tables what it names to the column list, which is empty for all columns
 */
public record SourcePublicationState(
        String name,
        boolean allTables,
        boolean owned,
        boolean complete,
        String mark,
        Map<String, List<String>> tables) {
    private static final int COLUMN_LISTS_SINCE = 15;
    private static final String MARK = "headwater slot ";

    /** The publication of that name, or empty if there is none. */
    public static Optional<SourcePublicationState> read(Connection connection, String name) throws SQLException {
        Map<String, List<String>> tables = tables(connection, name);
        return new Sql(connection)
                .first(
                        "SELECT puballtables, pg_has_role(pubowner, 'USAGE'),"
                                + " pubviaroot AND pubinsert AND pubupdate AND pubdelete AND pubtruncate,"
                                + " coalesce(obj_description(oid, 'pg_publication'), '')"
                                + " FROM pg_publication WHERE pubname = ?",
                        row -> new SourcePublicationState(
                                name,
                                row.getBoolean(1),
                                row.getBoolean(2),
                                row.getBoolean(3),
                                row.getString(4),
                                tables),
                        name);
    }

    /** The comment by which setup says whose a publication is. */
    public static String mark(SourceSettings source) {
        return MARK + source.slot();
    }

    /** Whether publications of this server can leave columns out. */
    public static boolean takesColumnLists(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion() >= COLUMN_LISTS_SINCE;
    }

    /** Whether it publishes exactly these tables and columns. */
    public boolean isFor(List<SourcePublicationTable> wanted) {
        return !allTables && complete && tables.equals(wanted(wanted));
    }

    /** Whether another pipeline's setup made it. */
    public boolean isOfAnother(SourceSettings source) {
        return mark.startsWith(MARK) && !mark.equals(mark(source));
    }

    /**
     * Why it is another pipeline's, or empty if it is not: setup would take that one's tables out of it.
     *
     * @param source of this pipeline
     */
    public Optional<String> other(SourceSettings source, List<SourcePublicationTable> wanted) {
        boolean others = !wanted(wanted).keySet().containsAll(tables.keySet());
        return isOfAnother(source) && others
                ? Optional.of("Cannot use the publication " + name + ": it is of another pipeline (" + mark
                        + ") and has its tables. Give source.publication another name.")
                : Optional.empty();
    }

    /** In what it differs from a publication of these tables. */
    String difference(List<SourcePublicationTable> sources) {
        Map<String, List<String>> wanted = wanted(sources);
        Set<String> missing = new TreeSet<>(wanted.keySet());
        missing.removeAll(tables.keySet());
        Set<String> more = new TreeSet<>(tables.keySet());
        more.removeAll(wanted.keySet());
        Set<String> otherColumns = new TreeSet<>(wanted.keySet());
        otherColumns.removeIf(
                table -> !tables.containsKey(table) || tables.get(table).equals(wanted.get(table)));
        List<String> parts = new ArrayList<>();
        add(parts, "lacks ", missing);
        add(parts, "has also ", more);
        add(parts, "has other columns of ", otherColumns);
        if (!complete) {
            parts.add("does not publish every operation, or partitions under their own names");
        }
        return String.join(", ", parts);
    }

    private static void add(List<String> parts, String what, Set<String> tables) {
        if (!tables.isEmpty()) {
            parts.add(what + String.join(", ", tables));
        }
    }

    private static Map<String, List<String>> wanted(List<SourcePublicationTable> tables) {
        return tables.stream()
                .collect(Collectors.toMap(table -> table.table().toString(), SourcePublicationTable::columns));
    }

    /** Table to its column list, both as the catalog has them. */
    private static Map<String, List<String>> tables(Connection connection, String name) throws SQLException {
        boolean columnLists = takesColumnLists(connection);
        String columns = columnLists
                ? "CASE WHEN r.prattrs IS NULL THEN '{}' ELSE array(SELECT a.attname::text FROM pg_attribute a"
                        + " WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::int2[]) ORDER BY a.attnum) END,"
                        + " r.prqual IS NOT NULL"
                : "'{}'::text[], false";
        Map<String, List<String>> published = new TreeMap<>();
        new Sql(connection)
                .list(
                        "SELECT n.nspname, c.relname, " + columns
                                + " FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid"
                                + " JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE p.pubname = ?",
                        row -> published.put(
                                new SourceTable(row.getString(1), row.getString(2))
                                        + (row.getBoolean(4) ? " with a row filter" : ""),
                                List.of((String[]) row.getArray(3).getArray())),
                        name);
        if (columnLists) {
            addSchemas(connection, name, published);
        }
        return published;
    }

    /** Whole schemas, which no pipeline wants. */
    private static void addSchemas(Connection connection, String name, Map<String, List<String>> published)
            throws SQLException {
        new Sql(connection)
                .list(
                        "SELECT n.nspname FROM pg_publication p"
                                + " JOIN pg_publication_namespace s ON s.pnpubid = p.oid JOIN pg_namespace n ON n.oid = s.pnnspid"
                                + " WHERE p.pubname = ?",
                        row -> row.getString(1),
                        name)
                .forEach(schema -> published.put("all tables of " + schema, List.of()));
    }
}
