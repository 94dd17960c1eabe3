package headwater.capture.partd.load;

import headwater.capture.partd.source.CopyText;
import headwater.lake.contract.SourceTable;
import headwater.lake.process.Failure;
import headwater.lake.process.Progress;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import headwater.lake.process.Sql;
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
 * The rows of one file at a time in a temporary table, each with its line. What goes there by COPY is never held: a file
 * may be larger than the heap.
 */
final class StagedRows {
    static final String TABLE = "headwater_staged";

    private static final int PIECE = 1 << 16;

    private final Connection connection;
    private final CmsDataset dataset;
    private final Shutdown shutdown;

    /**
     * Makes the temporary table, which lives as long as the connection.
     *
     * @param columns those that files may have
     */
    StagedRows(Connection connection, CmsDataset dataset, List<LoadColumn> columns, Shutdown shutdown)
            throws SQLException {
        this.connection = connection;
        this.dataset = dataset;
        this.shutdown = shutdown;
        execute("CREATE TEMPORARY TABLE " + TABLE + " (line bigint, "
                + columns.stream()
                        .map(column -> SourceTable.quote(column.name()) + " " + column.definition())
                        .collect(Collectors.joining(", "))
                + ")");
    }

    /** Replaces the rows by those of a file. */
    void copy(CmsFile file, Progress progress) throws SQLException {
        execute("TRUNCATE " + TABLE);
        CopyIn copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY " + TABLE + " (line, " + names(file.columns()) + ") FROM STDIN");
        try {
            send(file, progress, copy);
            copy.endCopy();
        } catch (SQLException | RuntimeException e) {
            cancel(copy, e);
            throw e;
        }
        execute("ANALYZE " + TABLE);
    }

    /**
     * Says which two rows have one key, if any have.
     *
     * @param number of the file that these rows are of
     * @throws Failure if a row has the key of another one, or of one that came with an earlier file
     */
    void refuseDuplicates(List<Path> files, int number) throws SQLException {
        String same = "Cannot load " + files.get(number) + ": line %d has the same "
                + String.join(", ", dataset.key())
                + " as %s. Nothing of it was loaded. Remove one of the two, then load"
                + " it again.";
        String key = dataset.key().stream().map(SourceTable::quote).collect(Collectors.joining(", "));
        // rows with a null in their key are not the same to a unique key, and sort last
        String whole = dataset.key().stream()
                .map(column -> SourceTable.quote(column) + " IS NOT NULL")
                .collect(Collectors.joining(" AND "));
        try (Statement statement = connection.createStatement()) {
            ResultSet here =
                    statement.executeQuery("SELECT line, before FROM (SELECT line, lag(line) OVER (PARTITION BY "
                            + key + " ORDER BY line) AS before FROM " + TABLE + " WHERE " + whole
                            + ") lines WHERE before IS NOT NULL ORDER BY line LIMIT 1");
            if (here.next()) {
                throw new Failure(Remedy.OPERATOR, same.formatted(here.getLong(1), "line " + here.getLong(2)));
            }
            ResultSet earlier = statement.executeQuery("SELECT s.line, k.file FROM " + TABLE + " s JOIN "
                    + dataset.qualified() + " t USING (" + key + ") JOIN " + Differences.KEPT
                    + " k USING (id) ORDER BY s.line LIMIT 1");
            if (earlier.next()) {
                throw new Failure(
                        Remedy.OPERATOR,
                        same.formatted(earlier.getLong(1), "a line of " + files.get(earlier.getInt(2))));
            }
        }
    }

    private void send(CmsFile file, Progress progress, CopyIn copy) throws SQLException {
        CopyText rows = new CopyText();
        file.forEachRow((line, values) -> {
            rows.number(line);
            values.forEach(rows::text);
            rows.endRow();
            progress.add(1);
            if (rows.length() > PIECE) {
                send(rows, copy);
            }
        });
        send(rows, copy);
    }

    private void send(CopyText rows, CopyIn copy) throws SQLException {
        if (shutdown.requested()) {
            throw new SQLException("stopped");
        }
        copy.writeToCopy(rows.buffer(), 0, rows.length());
        rows.clear();
    }

    private static void cancel(CopyIn copy, Exception why) {
        try {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        } catch (SQLException e) {
            why.addSuppressed(e);
        }
    }

    static String names(List<LoadColumn> columns) {
        return columns.stream().map(column -> SourceTable.quote(column.name())).collect(Collectors.joining(", "));
    }

    private void execute(String sql) throws SQLException {
        new Sql(connection).run(sql);
    }
}
