package headwater.capture.partd.load;

import headwater.lake.contract.SourceTable;
import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * Makes a table's rows equal to the staged ones by as few changes as there are differences: a row that is the same in
 * both is not touched, a row that stays keeps its id. Rows are the same by the dataset's key, of which nulls are equal;
 * where several rows have one key, they are paired in the order of their contents. A row that an earlier file of the load
 * has is left alone.
 */
final class Differences {
    /** Rows of the table that a file has, with the number of that file; empty until a second file comes. */
    static final String KEPT = "headwater_kept";

    private static final String PAIRS = "headwater_pairs";

    private final Connection connection;
    private final CmsDataset dataset;
    private final OptionalInt year;

    /**
     * Makes the temporary tables that it works with.
     *
     * @param year of the rows, if the dataset has one
     */
    Differences(Connection connection, CmsDataset dataset, OptionalInt year) throws SQLException {
        this.connection = connection;
        this.dataset = dataset;
        this.year = year;
        update("CREATE TEMPORARY TABLE " + KEPT + " (id bigint, file int)");
        update("CREATE TEMPORARY TABLE " + PAIRS + " (id bigint, line bigint, changed boolean)");
    }

    /**
     * Pairs the staged rows with those of the table.
     *
     * @param columns those that are staged; the others stay as they are
     * @param last whether rows without a pair are to be deleted
     * @return how many have a pair; empty if the table has no row that could be one
     */
    OptionalLong find(List<LoadColumn> columns, boolean last) throws SQLException {
        update("TRUNCATE " + PAIRS);
        String present = " FROM " + dataset.qualified() + " t WHERE " + ofYear() + " AND NOT EXISTS (SELECT FROM "
                + KEPT + " k WHERE k.id = t.id)";
        if (count("SELECT count(*) FROM (SELECT" + present + " LIMIT 1) any_row") == 0) {
            return OptionalLong.empty();
        }
        update("INSERT INTO " + PAIRS + " SELECT id, line, present.content IS DISTINCT FROM staged.content FROM ("
                + numbered("id", columns, present) + ") present " + (last ? "FULL" : "RIGHT") + " JOIN ("
                + numbered("line", columns, " FROM " + StagedRows.TABLE) + ") staged USING (key, number)");
        update("ANALYZE " + PAIRS);
        return OptionalLong.of(count("SELECT count(*) FROM " + PAIRS + " WHERE id IS NOT NULL AND line IS NOT NULL"));
    }

    /**
     * Writes what {@link #find} found.
     *
     * @param file its number
     * @param last else another file follows, for which the rows of this one are remembered
     * @param inBoth what {@link #find} returned
     */
    LoadCounts write(List<LoadColumn> columns, int file, boolean last, OptionalLong inBoth) throws SQLException {
        if (inBoth.isEmpty()) {
            return new LoadCounts(insert(columns, StagedRows.TABLE + " s", file, last), 0, 0, 0);
        }
        String paired = PAIRS + " p JOIN " + StagedRows.TABLE + " s USING (line)";
        long deleted = update(
                "DELETE FROM " + dataset.qualified() + " t USING " + PAIRS + " p WHERE p.line IS NULL AND t.id = p.id");
        long updated = update("UPDATE " + dataset.qualified() + " t SET (" + StagedRows.names(columns) + ") = ROW("
                + prefixed(columns) + ") FROM " + paired + " WHERE p.changed AND p.id IS NOT NULL AND t.id = p.id");
        if (!last) {
            update("INSERT INTO " + KEPT + " SELECT id, " + file + " FROM " + PAIRS + " WHERE id IS NOT NULL");
        }
        long inserted = insert(columns, paired + " WHERE p.id IS NULL ORDER BY line", file, last);
        return new LoadCounts(inserted, updated, deleted, inBoth.getAsLong() - updated);
    }

    private long insert(List<LoadColumn> columns, String from, int file, boolean last) throws SQLException {
        String insert = "INSERT INTO " + dataset.qualified() + " (" + (year.isPresent() ? "year, " : "")
                + StagedRows.names(columns) + ") SELECT " + (year.isPresent() ? year.getAsInt() + ", " : "")
                + prefixed(columns) + " FROM " + from;
        return last
                ? update(insert)
                : update("WITH written AS (" + insert + " RETURNING id) INSERT INTO " + KEPT + " SELECT id, " + file
                        + " FROM written");
    }

    /** The text of a row can be joined by hash and tells a null from an empty text. */
    private String numbered(String identity, List<LoadColumn> columns, String from) {
        String key = dataset.key().stream().map(SourceTable::quote).collect(Collectors.joining(", "));
        return "SELECT *, row_number() OVER (PARTITION BY key ORDER BY content, " + identity
                + ") AS number FROM (SELECT " + identity + ", ROW(" + key + ")::text AS key, ROW("
                + StagedRows.names(columns) + ")::text AS content" + from + ") contents";
    }

    private String ofYear() {
        return year.isPresent() ? "year = " + year.getAsInt() : "true";
    }

    private static String prefixed(List<LoadColumn> columns) {
        return columns.stream()
                .map(column -> "s." + SourceTable.quote(column.name()))
                .collect(Collectors.joining(", "));
    }

    private long update(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeLargeUpdate(sql);
        }
    }

    private long count(String sql) throws SQLException {
        return new Sql(connection).one(sql, row -> row.getLong(1));
    }
}
