package headwater.publish.mart;

import headwater.lake.pipeline.CuratedSpec;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The SQL for one published table, such that MySQL and MariaDB both take it: MariaDB has no row alias, so an upsert
 * reads the new values by {@code VALUES()}.
 */
public record TargetStatements(CuratedSpec spec) {

    /** Quotes one identifier for MySQL. */
    public static String quote(String identifier) {
        return '`' + identifier.replace("`", "``") + '`';
    }

    /** All columns in the pipeline file's order. */
    String upsert() {
        List<String> rest = spec.columns().keySet().stream()
                .filter(column -> !spec.key().contains(column))
                .toList();
        // a table of keys only has nothing to update
        Collection<String> updated = rest.isEmpty() ? List.of(spec.key().get(0)) : rest;
        return "INSERT INTO " + quote(spec.name()) + " (" + list(spec.columns().keySet()) + ") VALUES ("
                + "?, ".repeat(spec.columns().size() - 1) + "?) ON DUPLICATE KEY UPDATE "
                + updated.stream()
                        .map(column -> quote(column) + " = VALUES(" + quote(column) + ")")
                        .collect(Collectors.joining(", "));
    }

    /** One row by its key. */
    String delete() {
        return "DELETE FROM " + quote(spec.name()) + " WHERE " + equalities(spec.key());
    }

    public String createTable(String collation) {
        return create("CREATE TABLE " + quote(spec.name()), spec.columns(), collation);
    }

    /** A table of the same definition under another name, for this session only. */
    public String createTwin(String name, String collation) {
        return create("CREATE TEMPORARY TABLE " + quote(name), spec.columns(), collation);
    }

    /** An empty set of values of some of the key's columns, for this session only. */
    String createStage(List<String> columns, String collation) {
        Map<String, String> staged = new LinkedHashMap<>();
        columns.forEach(column -> staged.put(column, spec.columns().get(column)));
        return "CREATE TEMPORARY TABLE " + stage() + " (" + definitions(staged) + ", PRIMARY KEY (" + list(columns)
                + ")) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=" + collation;
    }

    String dropStage() {
        return "DROP TEMPORARY TABLE IF EXISTS " + stage();
    }

    String insertStage(List<String> columns) {
        return "INSERT IGNORE INTO " + stage() + " (" + list(columns) + ") VALUES (" + "?, ".repeat(columns.size() - 1)
                + "?)";
    }

    /**
     * Up to so many rows whose values are not in the stage.
     *
     * @param columns those of the stage
     * @param within the columns of the partition to look at, none for the whole table
     */
    String deleteUnstaged(List<String> columns, List<String> within, int most) {
        String table = quote(spec.name());
        return "DELETE FROM " + table + " WHERE NOT EXISTS (SELECT 1 FROM " + stage() + " s WHERE "
                + columns.stream()
                        .map(column -> "s." + quote(column) + " = " + table + "." + quote(column))
                        .collect(Collectors.joining(" AND "))
                + ")" + (within.isEmpty() ? "" : " AND " + equalities(within)) + " LIMIT " + most;
    }

    /** The partitions that have rows and are not in the stage; MySQL finds them by skipping through the primary key. */
    String unstagedPartitions() {
        return "SELECT d.* FROM (SELECT DISTINCT " + list(spec.partitionBy()) + " FROM " + quote(spec.name())
                + ") d WHERE NOT EXISTS (SELECT 1 FROM " + stage() + " s WHERE "
                + spec.partitionBy().stream()
                        .map(column -> "s." + quote(column) + " = d." + quote(column))
                        .collect(Collectors.joining(" AND "))
                + ")";
    }

    /** Up to so many rows of one partition. */
    String deletePartition(int most) {
        return "DELETE FROM " + quote(spec.name()) + " WHERE " + equalities(spec.partitionBy()) + " LIMIT " + most;
    }

    String anyRow() {
        return "SELECT 1 FROM " + quote(spec.name()) + " LIMIT 1";
    }

    private String stage() {
        return quote("headwater_stage_" + spec.name());
    }

    private String create(String head, Map<String, String> columns, String collation) {
        return head + " (" + definitions(columns) + ", PRIMARY KEY (" + list(spec.key())
                + ")) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=" + collation;
    }

    private String definitions(Map<String, String> columns) {
        return columns.entrySet().stream()
                .map(column -> quote(column.getKey()) + " " + column.getValue()
                        + (spec.key().contains(column.getKey()) ? " NOT NULL" : " NULL"))
                .collect(Collectors.joining(", "));
    }

    private static String equalities(List<String> columns) {
        return columns.stream().map(column -> quote(column) + " = ?").collect(Collectors.joining(" AND "));
    }

    private static String list(Collection<String> columns) {
        return columns.stream().map(TargetStatements::quote).collect(Collectors.joining(", "));
    }
}
