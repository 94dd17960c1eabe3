package headwater.capture.load;

import headwater.capture.PartDTables;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Progress;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes a dataset, or one year of it, in the source what its files say, in one transaction. */
final class Load {
    private static final Set<String> OURS = Set.of("id", "year");

    private final SourceSettings source;
    private final CmsDataset dataset;
    private final OptionalInt year;
    private final Shutdown shutdown;
    private final PrintStream out;

    Load(SourceSettings source, CmsDataset dataset, OptionalInt year, Shutdown shutdown, PrintStream out) {
        this.source = source;
        this.dataset = dataset;
        this.year = year;
        this.shutdown = shutdown;
        this.out = out;
    }

    /**
     * Loads the files, which together are the whole of it.
     *
     * @param commit whether to keep the changes, or only to count them
     * @throws Failure if any file is damaged or the database refuses a row; then nothing has changed
     */
    LoadCounts run(List<Path> files, boolean commit) {
        try (Connection connection = source.open()) {
            PartDTables.create(connection);
            connection.setAutoCommit(false);
            lock(connection);
            LoadCounts counts = run(connection, files);
            if (shutdown.requested()) {
                throw new Failure(Remedy.OPERATOR, "Stopped: nothing was loaded.");
            }
            if (commit) {
                connection.commit();
            } else {
                connection.rollback();
            }
            return counts;
        } catch (SQLException e) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot load into " + dataset.qualified() + ": " + Failure.reason(e)
                            + ". Nothing was loaded. Mend that, then load it again.",
                    e);
        }
    }

    private LoadCounts run(Connection connection, List<Path> files) throws SQLException {
        List<LoadColumn> table = table(connection);
        List<LoadColumn> columns = sameColumns(files, table);
        StagedRows staged = new StagedRows(connection, dataset, columns, shutdown);
        try (Progress progress = new Progress(dataset.qualified(), 0, out)) {
            for (int number = 0; number < files.size(); number++) {
                try (CmsFile file = CmsFile.open(files.get(number), dataset, table)) {
                    staged.copy(number, file, progress);
                    sayEncoding(files.get(number), file.text());
                }
            }
        }
        staged.analyze();
        staged.refuseDuplicates(files);
        out.println("comparing with the rows that " + dataset.qualified() + " has");
        return new Differences(connection, dataset, year, columns).apply();
    }

    /** All files of a load must have the same columns in the same order, those that the table does not have aside. */
    private List<LoadColumn> sameColumns(List<Path> files, List<LoadColumn> table) {
        List<LoadColumn> columns = List.of();
        for (Path path : files) {
            try (CmsFile file = CmsFile.open(path, dataset, table)) {
                if (!columns.isEmpty() && !columns.equals(file.columns())) {
                    throw new Failure(
                            Remedy.OPERATOR,
                            "Cannot load " + path + ": it has other columns, or in another order, than " + files.get(0)
                                    + ". Nothing was loaded. Files of one load are parts of one table.");
                }
                columns = file.columns();
                sayColumns(path, file.header());
            }
        }
        return columns;
    }

    private void sayColumns(Path path, FileHeader header) {
        if (!header.unknown().isEmpty()) {
            out.println(path + ": left out columns that " + dataset.qualified() + " does not have: "
                    + String.join(", ", header.unknown()));
        }
        if (!header.absent().isEmpty()) {
            out.println(path + ": has no " + String.join(", ", header.absent())
                    + ": null in new rows, left as they are in others");
        }
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

    /** One load of a table at a time; other writers go on. */
    private void lock(Connection connection) throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement(
                "SELECT pg_try_advisory_xact_lock(hashtext('headwater load'), hashtext(?))")) {
            lock.setString(1, dataset.table());
            try (ResultSet result = lock.executeQuery()) {
                result.next();
                if (!result.getBoolean(1)) {
                    throw new Failure(
                            Remedy.OPERATOR,
                            "Cannot load into " + dataset.qualified()
                                    + ": another load of it is under way. Wait until it has ended.");
                }
            }
        }
    }

    private List<LoadColumn> table(Connection connection) throws SQLException {
        List<LoadColumn> columns = new ArrayList<>();
        try (PreparedStatement catalog = connection.prepareStatement(
                "SELECT column_name, data_type, coalesce(numeric_precision, 0), coalesce(numeric_scale, 0)"
                        + " FROM information_schema.columns WHERE table_schema = 'cms' AND table_name = ?"
                        + " ORDER BY ordinal_position")) {
            catalog.setString(1, dataset.table());
            try (ResultSet row = catalog.executeQuery()) {
                while (row.next()) {
                    columns.add(new LoadColumn(row.getString(1), row.getString(2), row.getInt(3), row.getInt(4)));
                }
            }
        }
        columns.removeIf(column -> OURS.contains(column.name()));
        return columns;
    }
}
