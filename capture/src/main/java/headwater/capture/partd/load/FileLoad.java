package headwater.capture.partd.load;

import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Progress;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** Writes one file after the other over one connection; the caller commits each, and closes the connection. */
final class FileLoad implements AutoCloseable {
    private static final String UNIQUE_VIOLATION = "23505";

    private final Connection connection;
    private final CmsDataset dataset;
    private final List<LoadColumn> table;
    private final Shutdown shutdown;
    private final PrintStream out;
    private final StagedRows staged;
    private final Differences differences;
    private final LongStatements statements;

    /** @param table the columns that files may have */
    FileLoad(
            Connection connection,
            CmsDataset dataset,
            OptionalInt year,
            List<LoadColumn> table,
            Shutdown shutdown,
            PrintStream out)
            throws SQLException {
        this.connection = connection;
        this.dataset = dataset;
        this.table = table;
        this.shutdown = shutdown;
        this.out = out;
        this.staged = new StagedRows(connection, dataset, table, shutdown);
        this.differences = new Differences(connection, dataset, year);
        this.statements = new LongStatements(connection, shutdown, out);
        connection.setAutoCommit(false);
    }

    /**
     * Writes a file's differences, and with the last file the deletes.
     *
     * @throws Failure if the file is damaged, a shutdown is requested or the database refuses: to be rolled back
     */
    LoadCounts write(List<Path> files, int number) {
        Path path = files.get(number);
        try (CmsFile file = CmsFile.open(path, dataset, table)) {
            try (Progress progress = new Progress(dataset.qualified(), 0, out)) {
                staged.copy(file, progress);
            }
            sayEncoding(path, file.text());
            return apply(files, number, file.columns());
        } catch (SQLException e) {
            throw failed(path, "Nothing of it was loaded", e);
        }
    }

    /** Makes what was written of a file durable. */
    void commit(Path path) {
        if (shutdown.requested()) {
            throw stopped(path);
        }
        try {
            connection.commit();
        } catch (SQLException e) {
            throw failed(
                    path, "If the connection broke within the commit, all of it may be loaded, else nothing is", e);
        }
    }

    @Override
    public void close() {
        statements.close();
    }

    private LoadCounts apply(List<Path> files, int number, List<LoadColumn> columns) throws SQLException {
        boolean last = number == files.size() - 1;
        Savepoint stagedAlone = connection.setSavepoint();
        try {
            OptionalLong inBoth = statements.run(
                    "comparing with the rows that " + dataset.qualified() + " has",
                    () -> differences.find(columns, last));
            return statements.run("writing the differences", () -> differences.write(columns, number, last, inBoth));
        } catch (SQLException e) {
            if (UNIQUE_VIOLATION.equals(e.getSQLState())) {
                connection.rollback(stagedAlone);
                staged.refuseDuplicates(files, number);
            }
            throw e;
        }
    }

    private Failure failed(Path path, String outcome, SQLException thrown) {
        if (shutdown.requested()) {
            return stopped(path);
        }
        boolean disconnected = SourceSettings.wentAway(thrown);
        return new Failure(
                disconnected ? Remedy.RETRY : Remedy.OPERATOR,
                "Cannot load " + path + " into " + dataset.qualified() + ": "
                        + (disconnected ? "PostgreSQL went away: " : "") + reason(thrown) + ". " + outcome
                        + ". "
                        + (disconnected ? "Once the server runs, load it again." : "Mend that, then load it again."),
                thrown);
    }

    /** The first line, without its full stop: the server's further lines may hold values of rows. */
    private static String reason(SQLException thrown) {
        return Failure.reason(thrown).lines().findFirst().orElseThrow().replaceFirst("\\.$", "");
    }

    private static Failure stopped(Path path) {
        return new Failure(Remedy.RETRY, "Stopped: nothing of " + path + " was loaded.");
    }

    private void sayEncoding(Path path, MixedText text) {
        if (text.windowsLines() > 0) {
            out.println(path + ": " + text.windowsLines() + (text.windowsLines() == 1 ? " line is" : " lines are")
                    + " not UTF-8 and read as Windows-1252: line "
                    + text.firstWindowsLines().stream().map(String::valueOf).collect(Collectors.joining(", "))
                    + (text.windowsLines() > text.firstWindowsLines().size() ? ", ..." : ""));
        }
        if (text.lastLineIsOpen()) {
            out.println(path + ": its last line has no line end, but all of its fields");
        }
    }
}
