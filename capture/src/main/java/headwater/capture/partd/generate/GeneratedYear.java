package headwater.capture.partd.generate;

import headwater.capture.partd.source.PartDTables;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A year's load as PostgreSQL knows it, in cms.generated_year and cms.generated_chunk: what was asked for, the ids that
 * it takes, and the chunks that are committed. It is unfinished until {@link #finish}.
 *
 * @param firstStateId 0 if the table of cities had rows already and keeps them
 */
public record GeneratedYear(
        int year,
        long rows,
        long seed,
        long firstDrugRowId,
        long firstPrescriberId,
        long firstDrugId,
        long firstStateId,
        Set<Integer> loadedChunks) {

    /** Holds until the connection ends: one load at a time. */
    private static final long LOCK = 0x6865616477617465L;

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private static final String TABLES = """
            CREATE TABLE IF NOT EXISTS cms.generated_year (
              year smallint PRIMARY KEY,
              rows bigint NOT NULL,
              seed bigint NOT NULL,
              first_prescriber_drug_id bigint NOT NULL,
              first_prescriber_id bigint NOT NULL,
              first_drug_id bigint NOT NULL,
              first_state_id bigint NOT NULL,
              finished_at timestamptz
            );
            CREATE TABLE IF NOT EXISTS cms.generated_chunk (
              year smallint NOT NULL,
              chunk int NOT NULL,
              PRIMARY KEY (year, chunk)
            )""";

    /** Creates what is missing of the source's schema, once no other load works on it. */
    public static void createTables(Connection connection) throws SQLException {
        lock(connection);
        PartDTables.create(connection);
        new Sql(connection).run(TABLES);
    }

    /** Waits a little: PostgreSQL gives a lock back only some time after its client has gone. */
    private static void lock(Connection connection) throws SQLException {
        try {
            new Sql(connection)
                    .run("SET lock_timeout = '5s'", "SELECT pg_advisory_lock(" + LOCK + ")", "RESET lock_timeout");
        } catch (SQLException e) {
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw new Failure(
                        Remedy.OPERATOR,
                        "Cannot generate: another generate works on this database. Wait until it has ended.",
                        e);
            }
            throw e;
        }
    }

    /** Whether a table holds rows of the year, and not those of an unfinished load. */
    public static boolean holdsRows(Connection connection, int year) throws SQLException {
        return unfinished(connection, year).isEmpty()
                && !tableWithRows(connection, year).isEmpty();
    }

    /**
     * Goes on with an unfinished load of the same rows and seed, else begins one; an unfinished load of others is removed
     * first. Refuses where the year holds rows of another origin.
     */
    public static GeneratedYear begin(Connection connection, int year, PartDShape shape) throws SQLException {
        Optional<GeneratedYear> unfinished = unfinished(connection, year);
        if (unfinished.isPresent()) {
            GeneratedYear earlier = unfinished.get();
            if (earlier.rows == shape.size().rows()
                    && earlier.seed == shape.seed().seed()) {
                return earlier;
            }
            earlier.remove(connection);
        }
        String holder = tableWithRows(connection, year);
        if (!holder.isEmpty()) {
            throw new Failure(
                    Remedy.USAGE,
                    "Cannot generate year " + year + ": " + holder + " already holds rows of it. Give another --year.");
        }
        GeneratedYear begun = new GeneratedYear(
                year,
                shape.size().rows(),
                shape.seed().seed(),
                lastId(connection, "cms.prescriber_drug") + 1,
                lastId(connection, "cms.prescriber") + 1,
                lastId(connection, "cms.drug") + 1,
                one(connection, "SELECT count(*) FROM (SELECT 1 FROM cms.state LIMIT 1) s") > 0
                        ? 0
                        : lastId(connection, "cms.state") + 1,
                Set.of());
        begun.reserveIds(connection, shape);
        begun.save(connection);
        return begun;
    }

    /** Marks a chunk as loaded, in the transaction that loads it; fails if it is. */
    void claim(Connection connection, int chunk) throws SQLException {
        new Sql(connection).update("INSERT INTO cms.generated_chunk (year, chunk) VALUES (?, ?)", year, chunk);
    }

    /** All chunks are committed: the year is whole. */
    public void finish(Connection connection) throws SQLException {
        Sql sql = new Sql(connection);
        connection.setAutoCommit(false);
        sql.run(
                "UPDATE cms.generated_year SET finished_at = now() WHERE year = " + year,
                "DELETE FROM cms.generated_chunk WHERE year = " + year);
        connection.commit();
        connection.setAutoCommit(true);
        // what lookups by key need; autovacuum sees to the other columns
        sql.run("ANALYZE cms.prescriber_drug (id, year, prscrbr_npi), cms.prescriber (id, year, prscrbr_npi),"
                + " cms.drug (id, year), cms.state (id)");
    }

    private static Optional<GeneratedYear> unfinished(Connection connection, int year) throws SQLException {
        Set<Integer> chunks = chunks(connection, year);
        return new Sql(connection)
                .first(
                        "SELECT rows, seed, first_prescriber_drug_id, first_prescriber_id, first_drug_id, first_state_id"
                                + " FROM cms.generated_year WHERE finished_at IS NULL AND year = ?",
                        row -> new GeneratedYear(
                                year,
                                row.getLong(1),
                                row.getLong(2),
                                row.getLong(3),
                                row.getLong(4),
                                row.getLong(5),
                                row.getLong(6),
                                chunks),
                        year);
    }

    private static Set<Integer> chunks(Connection connection, int year) throws SQLException {
        return new HashSet<>(new Sql(connection)
                .list("SELECT chunk FROM cms.generated_chunk WHERE year = ?", row -> row.getInt(1), year));
    }

    /** All rows of the year: it had none when this load began. */
    private void remove(Connection connection) throws SQLException {
        Sql sql = new Sql(connection);
        connection.setAutoCommit(false);
        for (String table : List.of("prescriber_drug", "prescriber", "drug", "generated_chunk", "generated_year")) {
            sql.update("DELETE FROM cms." + table + " WHERE year = ?", year);
        }
        if (firstStateId > 0) {
            sql.update("DELETE FROM cms.state WHERE id >= ?", firstStateId);
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    private void save(Connection connection) throws SQLException {
        new Sql(connection).update("""
                        INSERT INTO cms.generated_year (year, rows, seed, first_prescriber_drug_id, first_prescriber_id,
                          first_drug_id, first_state_id, finished_at) VALUES (?, ?, ?, ?, ?, ?, ?, NULL)
                        ON CONFLICT (year) DO UPDATE SET rows = excluded.rows, seed = excluded.seed,
                          first_prescriber_drug_id = excluded.first_prescriber_drug_id,
                          first_prescriber_id = excluded.first_prescriber_id, first_drug_id = excluded.first_drug_id,
                          first_state_id = excluded.first_state_id, finished_at = NULL""", year, rows, seed, firstDrugRowId, firstPrescriberId, firstDrugId, firstStateId);
    }

    /** Moves the sequences past the ids of this load before the first is used: others may insert meanwhile. */
    private void reserveIds(Connection connection, PartDShape shape) throws SQLException {
        reserve(connection, "cms.prescriber_drug", firstDrugRowId + rows - 1);
        reserve(connection, "cms.prescriber", firstPrescriberId + shape.size().prescribers() - 1);
        reserve(connection, "cms.drug", firstDrugId + new ReferenceRows(shape).drugRows() - 1);
        if (firstStateId > 0) {
            reserve(
                    connection,
                    "cms.state",
                    firstStateId + shape.places().cityRows().size() - 1);
        }
    }

    private static void reserve(Connection connection, String table, long last) throws SQLException {
        String sequence = "pg_get_serial_sequence('" + table + "', 'id')";
        one(
                connection,
                "SELECT setval(" + sequence + ", greatest(" + last + ", coalesce(pg_sequence_last_value(" + sequence
                        + "::regclass), 1)))");
    }

    /** The highest id that was ever given, 0 for an empty table. */
    private static long lastId(Connection connection, String table) throws SQLException {
        long highest = one(connection, "SELECT coalesce(max(id), 0) FROM " + table);
        return highest == 0
                ? 0
                : Math.max(
                        highest,
                        one(
                                connection,
                                "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('" + table
                                        + "', 'id')::regclass), 0)"));
    }

    /** The first table with rows of the year, or an empty text. */
    private static String tableWithRows(Connection connection, int year) throws SQLException {
        for (String table : new String[] {"cms.prescriber_drug", "cms.prescriber", "cms.drug"}) {
            if (one(
                            connection,
                            "SELECT count(*) FROM (SELECT 1 FROM " + table + " WHERE year = " + year + " LIMIT 1) r")
                    > 0) {
                return table;
            }
        }
        return "";
    }

    private static long one(Connection connection, String query) throws SQLException {
        return new Sql(connection).one(query, row -> row.getLong(1));
    }
}
