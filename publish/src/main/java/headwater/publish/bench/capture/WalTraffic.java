package headwater.publish.bench.capture;

import headwater.lake.contract.LogicalMessage;
import headwater.lake.contract.Lsn;
import headwater.lake.process.Failure;
import headwater.lake.process.Progress;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import headwater.lake.process.Sql;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.ObjLongConsumer;
import java.util.stream.LongStream;

/**
 * Changes of cms.prescriber_drug for the WAL: 60 % updates, 30 % inserts, 10 % deletes, in transactions of 1 to 1,000 rows.
 * Live rows are those with ids from {@code first} up to {@code next}: deletes take the oldest, updates any.
 */
final class WalTraffic {
    private static final String UPDATE = """
            UPDATE cms.prescriber_drug SET tot_clms = coalesce(tot_clms, 11) + 1, tot_drug_cst = coalesce(tot_drug_cst, 0) + 1.25
            WHERE id = ANY(?)""";
    /** A copy of live rows under ids and NPIs of their own. */
    private static final String INSERT = """
            INSERT INTO cms.prescriber_drug SELECT ? + row_number() OVER (), year, 2000000000 + ? + row_number() OVER (),
              prscrbr_last_org_name, prscrbr_first_name, prscrbr_city, prscrbr_state_abrvtn, prscrbr_state_fips, prscrbr_type,
              prscrbr_type_src, brnd_name, gnrc_name, tot_clms, tot_30day_fills, tot_day_suply, tot_drug_cst, tot_benes,
              ge65_sprsn_flag, ge65_tot_clms, ge65_tot_30day_fills, ge65_tot_drug_cst, ge65_tot_day_suply,
              ge65_bene_sprsn_flag, ge65_tot_benes
            FROM cms.prescriber_drug WHERE id = ANY(?)""";

    private static final String DELETE = "DELETE FROM cms.prescriber_drug WHERE id >= ? AND id < ?";

    private static final int MOST_ROWS = 1_000;
    private static final double SHARE_OF_UPDATES = 0.6;
    private static final double SHARE_OF_INSERTS = 0.3;

    private final Connection connection;
    private final SplittableRandom random = new SplittableRandom(1);
    private long first;
    private long next;
    private long changes;

    /** @param connection is the traffic's alone */
    WalTraffic(Connection connection) throws SQLException {
        this.connection = connection;
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement();
                ResultSet range = statement.executeQuery("SELECT min(id), max(id) + 1 FROM cms.prescriber_drug")) {
            range.next();
            first = range.getLong(1);
            next = range.getLong(2);
        }
        connection.commit();
    }

    /** Row changes committed so far. */
    long changes() {
        return changes;
    }

    /** Commits at least so many changes as fast as it can. */
    void write(long events, Progress progress, Shutdown shutdown) throws SQLException {
        while (changes < events && !shutdown.requested()) {
            progress.add(transaction());
        }
    }

    /**
     * Commits at a rate as long as wanted.
     *
     * @param committed told, after each commit, an LSN behind it and the changes so far
     */
    void write(int perSecond, BooleanSupplier wanted, Shutdown shutdown, ObjLongConsumer<Lsn> committed)
            throws SQLException {
        long startedAt = System.nanoTime();
        while (wanted.getAsBoolean() && !shutdown.requested()) {
            transaction();
            committed.accept(position(), changes);
            double ahead = changes / (double) perSecond - (System.nanoTime() - startedAt) / 1e9;
            if (ahead > 0) {
                shutdown.await(Duration.ofNanos((long) (ahead * 1e9)));
            }
        }
    }

    /** An LSN behind everything committed here, with a transaction after it, so that a reader passes it. */
    Lsn end() throws SQLException {
        Lsn end = position();
        new Sql(connection).any("SELECT pg_logical_emit_message(true, ?, 'bench')", LogicalMessage.FENCE);
        connection.commit();
        return end;
    }

    private Lsn position() throws SQLException {
        try {
            return new Sql(connection)
                    .one("SELECT pg_current_wal_insert_lsn()::text", row -> Lsn.parse(row.getString(1)));
        } finally {
            connection.commit();
        }
    }

    private int transaction() throws SQLException {
        int rows = 1 + random.nextInt(MOST_ROWS);
        int updates = part(rows, SHARE_OF_UPDATES);
        int inserts = Math.min(rows - updates, part(rows, SHARE_OF_INSERTS));
        int deletes = rows - updates - inserts;
        int changed = update(updates) + insert(inserts) + delete(deletes);
        connection.commit();
        if (changed != rows) {
            throw new Failure(Remedy.BUG, "The benchmark's traffic changed " + changed + " rows instead of " + rows);
        }
        changes += changed;
        return changed;
    }

    /** That share of the rows; the fraction of a row by chance. */
    private int part(int rows, double share) {
        return (int) (rows * share + random.nextDouble());
    }

    private int update(int rows) throws SQLException {
        if (rows == 0) {
            return 0;
        }
        return new Sql(connection).update(UPDATE, some(rows));
    }

    private int insert(int rows) throws SQLException {
        if (rows == 0) {
            return 0;
        }
        Array copied = some(rows);
        long from = next;
        next += rows;
        return new Sql(connection).update(INSERT, from - 1, from, copied);
    }

    private int delete(int rows) throws SQLException {
        if (rows == 0) {
            return 0;
        }
        long from = first;
        first += rows;
        return new Sql(connection).update(DELETE, from, first);
    }

    /** Different ids of live rows: a run of every other one from a random place on would be too tidy for the WAL. */
    private Array some(int rows) throws SQLException {
        Object[] ids = LongStream.generate(() -> random.nextLong(first, next))
                .distinct()
                .limit(rows)
                .boxed()
                .toArray();
        return connection.createArrayOf("bigint", ids);
    }
}
