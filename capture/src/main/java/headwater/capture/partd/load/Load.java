package headwater.capture.partd.load;

import headwater.capture.partd.source.PartDTables;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import headwater.lake.process.Sql;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes a dataset, or one year of it, in the source what its files say: each file in a transaction of its own. */
public final class Load {
    private static final Set<String> OURS = Set.of("id", "year");
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final SourceSettings source;
    private final CmsDataset dataset;
    private final OptionalInt year;
    private final Shutdown shutdown;
    private final PrintStream out;

    public Load(SourceSettings source, CmsDataset dataset, OptionalInt year, Shutdown shutdown, PrintStream out) {
        this.source = source;
        this.dataset = dataset;
        this.year = year;
        this.shutdown = shutdown;
        this.out = out;
    }

    /**
     * Loads the files, which together are the whole of it: rows that are in none of them are deleted with the last.
     *
     * @param commit whether to keep the changes, or only to count them
     * @throws Failure if the header of any file is wrong: nothing has changed; if a file is damaged or the database refuses
     *     a row: the files before it are loaded, and nothing of it
     */
    public LoadCounts run(List<Path> files, boolean commit) {
        try (Connection connection = source.open()) {
            lock(connection);
            PartDTables.create(connection);
            List<LoadColumn> table = table(connection);
            for (Path path : files) {
                try (CmsFile file = CmsFile.open(path, dataset, table)) {
                    sayColumns(path, file.header());
                }
            }
            return run(connection, table, files, commit);
        } catch (SQLException e) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot load into " + dataset.qualified() + ": " + Failure.reason(e)
                            + ". Nothing was loaded. Mend that, then load again.",
                    e);
        }
    }

    private LoadCounts run(Connection connection, List<LoadColumn> table, List<Path> files, boolean commit)
            throws SQLException {
        LoadCounts all = LoadCounts.NONE;
        try (FileLoad load = new FileLoad(connection, dataset, year, table, shutdown, out)) {
            for (int number = 0; number < files.size(); number++) {
                LoadCounts counts;
                try {
                    counts = load.write(files, number);
                    if (commit) {
                        load.commit(files.get(number));
                    }
                } catch (Failure e) {
                    throw commit && number > 0 ? after(files.subList(0, number), e) : e;
                }
                if (files.size() > 1) {
                    out.println(files.get(number) + ": " + counts);
                }
                all = all.plus(counts);
            }
        }
        return all;
    }

    private static Failure after(List<Path> loaded, Failure failure) {
        return new Failure(
                failure.remedy(),
                failure.getMessage() + " What came before it is loaded: "
                        + loaded.stream().map(Path::toString).collect(Collectors.joining(", "))
                        + ". No row was deleted. Loading all files again writes only what is missing.",
                failure);
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

    /**
     * One load of a table at a time; other writers go on. Waits a little: PostgreSQL gives a lock back only some time after
     * its client has gone.
     */
    private void lock(Connection connection) throws SQLException {
        try {
            Sql sql = new Sql(connection);
            sql.run("SET lock_timeout = '3s'");
            sql.any("SELECT pg_advisory_lock(hashtext('headwater load'), hashtext(?))", dataset.table());
            sql.run("RESET lock_timeout");
        } catch (SQLException e) {
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw new Failure(
                        Remedy.OPERATOR,
                        "Cannot load into " + dataset.qualified()
                                + ": another load of it is under way. Wait until it has ended.",
                        e);
            }
            throw e;
        }
    }

    private List<LoadColumn> table(Connection connection) throws SQLException {
        return new Sql(connection)
                        .list(
                                "SELECT column_name, data_type, coalesce(numeric_precision, 0), coalesce(numeric_scale, 0)"
                                        + " FROM information_schema.columns WHERE table_schema = 'cms' AND table_name = ?"
                                        + " ORDER BY ordinal_position",
                                row -> new LoadColumn(row.getString(1), row.getString(2), row.getInt(3), row.getInt(4)),
                                dataset.table())
                        .stream()
                        .filter(column -> !OURS.contains(column.name()))
                        .toList();
    }
}
