package headwater.capture.load;

import headwater.capture.generate.CopyText;
import headwater.lake.contract.SourceTable;
import headwater.lake.process.Failure;
import headwater.lake.process.Progress;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * The rows of all files of a load in a temporary table of the load's transaction, each with its file and line. What goes
 * there by COPY is never held: a file may be larger than the heap.
 */
final class StagedRows {
    static final String TABLE = "headwater_staged";

    private static final int PIECE = 1 << 16;

    private final Connection connection;
    private final CmsDataset dataset;
    private final List<LoadColumn> columns;
    private final Shutdown shutdown;

    /**
     * @param connection within the load's transaction
     * @param columns those of the table that the files have
     */
    StagedRows(Connection connection, CmsDataset dataset, List<LoadColumn> columns, Shutdown shutdown)
            throws SQLException {
        this.connection = connection;
        this.dataset = dataset;
        this.columns = columns;
        this.shutdown = shutdown;
        execute("CREATE TEMPORARY TABLE " + TABLE + " (file int, line bigint, "
                + columns.stream()
                        .map(column -> SourceTable.quote(column.name()) + " " + column.definition())
                        .collect(Collectors.joining(", "))
                + ") ON COMMIT DROP");
    }

    /** Copies all rows of a file, whose columns are in the order of this table's. */
    void copy(int number, CmsFile file, Progress progress) throws SQLException {
        CopyIn copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY " + TABLE + " (file, line, " + names(columns) + ") FROM STDIN");
        try {
            CopyText rows = new CopyText();
            file.forEachRow((line, values) -> {
                rows.number(number).number(line);
                values.forEach(rows::text);
                rows.endRow();
                progress.add(1);
                if (rows.length() > PIECE) {
                    send(rows, copy);
                }
            });
            send(rows, copy);
            copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    /** To be called once all files are copied. */
    void analyze() throws SQLException {
        execute("ANALYZE " + TABLE);
    }

    /** Refuses two rows of one key where the table would. */
    void refuseDuplicates(List<Path> files) throws SQLException {
        if (!dataset.unique()) {
            return;
        }
        // a unique key lets through what has a null in it
        String whole = dataset.key().stream()
                .map(column -> SourceTable.quote(column) + " IS NOT NULL")
                .collect(Collectors.joining(" AND "));
        String key = dataset.key().stream().map(SourceTable::quote).collect(Collectors.joining(", "));
        try (Statement statement = connection.createStatement();
                ResultSet twice = statement.executeQuery(
                        "SELECT * FROM (SELECT file, line, lead(file) OVER same, lead(line) OVER same AS next FROM "
                                + TABLE + " WHERE " + whole + " WINDOW same AS (PARTITION BY " + key
                                + " ORDER BY file, line)) rows WHERE next IS NOT NULL ORDER BY file, line LIMIT 1")) {
            if (twice.next()) {
                throw new Failure(
                        Remedy.OPERATOR,
                        "Cannot load " + files.get(twice.getInt(3)) + ": line " + twice.getLong(4) + " has the same "
                                + String.join(", ", dataset.key()) + " as line " + twice.getLong(2) + " of "
                                + files.get(twice.getInt(1))
                                + ". Nothing was loaded. Remove one of the two, then load again.");
            }
        }
    }

    private void send(CopyText rows, CopyIn copy) {
        if (shutdown.requested()) {
            throw new Failure(Remedy.OPERATOR, "Stopped: nothing was loaded.");
        }
        try {
            copy.writeToCopy(rows.buffer(), 0, rows.length());
        } catch (SQLException e) {
            throw new Failure(
                    Remedy.RETRY,
                    "Cannot load into " + dataset.qualified() + ": " + Failure.reason(e) + ". Nothing was loaded.",
                    e);
        }
        rows.clear();
    }

    static String names(List<LoadColumn> columns) {
        return columns.stream().map(column -> SourceTable.quote(column.name())).collect(Collectors.joining(", "));
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
