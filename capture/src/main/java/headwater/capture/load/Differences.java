package headwater.capture.load;

import headwater.lake.contract.SourceTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * Makes a table's rows equal to the staged ones by as few changes as there are differences: a row that is the same in
 * both is not touched, a row that stays keeps its id. Rows are the same by the dataset's key, of which nulls are equal;
 * where several rows have one key, equal ones are paired first.
 */
final class Differences {
    private static final String PAIRS = "headwater_pairs";

    private final Connection connection;
    private final CmsDataset dataset;
    private final OptionalInt year;
    private final List<LoadColumn> columns;

    /**
     * @param connection within the transaction of the staged rows
     * @param year of the rows, if the dataset has one
     * @param columns those of the table that the files have; the others stay as they are
     */
    Differences(Connection connection, CmsDataset dataset, OptionalInt year, List<LoadColumn> columns) {
        this.connection = connection;
        this.dataset = dataset;
        this.year = year;
        this.columns = columns;
    }

    LoadCounts apply() throws SQLException {
        update("CREATE TEMPORARY TABLE " + PAIRS + " ON COMMIT DROP AS SELECT id, file, line,"
                + " present.content IS DISTINCT FROM staged.content AS changed FROM ("
                + numbered("id", dataset.qualified() + ofYear(), "id") + ") present FULL JOIN ("
                + numbered("file, line", StagedRows.TABLE, "file, line") + ") staged USING (key, number)");
        update("ANALYZE " + PAIRS);
        long both = count("SELECT count(*) FROM " + PAIRS + " WHERE id IS NOT NULL AND line IS NOT NULL");
        long deleted = update(
                "DELETE FROM " + dataset.qualified() + " t USING " + PAIRS + " p WHERE p.line IS NULL AND t.id = p.id");
        long updated = updateChanged();
        long inserted = update("INSERT INTO " + dataset.qualified() + " (" + (year.isPresent() ? "year, " : "")
                + StagedRows.names(columns) + ") SELECT " + (year.isPresent() ? year.getAsInt() + ", " : "")
                + prefixed("s") + " FROM " + PAIRS + " p JOIN " + StagedRows.TABLE
                + " s USING (file, line) WHERE p.id IS NULL ORDER BY file, line");
        return new LoadCounts(inserted, updated, deleted, both - updated);
    }

    private long updateChanged() throws SQLException {
        return update("UPDATE " + dataset.qualified() + " t SET (" + StagedRows.names(columns) + ") = ROW("
                + prefixed("s") + ") FROM " + PAIRS + " p JOIN " + StagedRows.TABLE
                + " s USING (file, line) WHERE p.changed AND p.id IS NOT NULL AND t.id = p.id");
    }

    /** The text of a row can be joined by hash and tells a null from an empty text. */
    private String numbered(String identity, String from, String order) {
        String key = dataset.key().stream().map(SourceTable::quote).collect(Collectors.joining(", "));
        return "SELECT *, row_number() OVER (PARTITION BY key ORDER BY content, " + order + ") AS number FROM (SELECT "
                + identity + ", ROW(" + key + ")::text AS key, ROW(" + StagedRows.names(columns)
                + ")::text AS content FROM " + from + ") contents";
    }

    private String ofYear() {
        return year.isPresent() ? " WHERE year = " + year.getAsInt() : "";
    }

    private String prefixed(String alias) {
        return columns.stream()
                .map(column -> alias + "." + SourceTable.quote(column.name()))
                .collect(Collectors.joining(", "));
    }

    private long update(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeLargeUpdate(sql);
        }
    }

    private long count(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        }
    }
}
