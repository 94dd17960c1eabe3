package headwater.publish.bench.merge;

import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Changes the Part D source, each time in one transaction. The same seed chooses the same rows of the same tables. */
final class SourceChanges {
    private static final int FEW = 1_000;
    private static final int MANY = 250_000;
    /** How many of the newest ids the recent changes are among. */
    private static final int NEWEST = 100_000;

    private static final String COPIED = "year, prscrbr_npi, prscrbr_last_org_name, prscrbr_first_name, prscrbr_city,"
            + " prscrbr_state_abrvtn, prscrbr_state_fips, prscrbr_type, prscrbr_type_src, tot_clms, tot_30day_fills,"
            + " tot_day_suply, tot_drug_cst, tot_benes, ge65_sprsn_flag, ge65_tot_clms, ge65_tot_30day_fills,"
            + " ge65_tot_drug_cst, ge65_tot_day_suply, ge65_bene_sprsn_flag, ge65_tot_benes";

    private final SourceSettings source;
    private final SplittableRandom random;

    SourceChanges(SourceSettings source, long seed) {
        this.source = source;
        this.random = new SplittableRandom(seed);
    }

    /** Commits what a workload measures; returns a position just before the commit. */
    Lsn commit(Workload workload) throws SQLException {
        try (Connection connection = source.open()) {
            connection.setAutoCommit(false);
            Sql sql = new Sql(connection);
            change(workload, sql);
            Lsn before = sql.one("SELECT pg_current_wal_insert_lsn()::text", row -> Lsn.parse(row.getString(1)));
            connection.commit();
            return before;
        }
    }

    private void change(Workload workload, Sql sql) throws SQLException {
        switch (workload) {
            case RECENT, PASSES, JOB -> rows(sql, FEW, NEWEST);
            case UNIFORM -> rows(sql, FEW, Long.MAX_VALUE);
            case LARGE -> rows(sql, MANY, Long.MAX_VALUE);
            case FLAG ->
                sql.update(
                        "UPDATE cms.drug SET antbtc_drug_flag = CASE antbtc_drug_flag WHEN 'Y' THEN 'N' ELSE 'Y' END"
                                + " WHERE (year, brnd_name, gnrc_name) = (SELECT year, brnd_name, gnrc_name"
                                + " FROM cms.prescriber_drug WHERE id >= ? AND prscrbr_type IS NOT NULL ORDER BY id LIMIT 1)",
                        someId(sql, Long.MAX_VALUE));
            case ENTITY ->
                sql.update(
                        "UPDATE cms.prescriber SET prscrbr_ent_cd = CASE prscrbr_ent_cd WHEN 'I' THEN 'O' ELSE 'I' END"
                                + " WHERE (year, prscrbr_npi) = (SELECT year, prscrbr_npi FROM cms.prescriber_drug"
                                + " WHERE id >= ? ORDER BY id LIMIT 1)",
                        someId(sql, Long.MAX_VALUE));
            case CITY -> sql.update("UPDATE cms.state SET population = population + 1 WHERE id = " + city());
            case VANISHED -> sql.update("DELETE FROM cms.state WHERE id = " + city());
            case STATE -> sql.update("UPDATE cms.state SET state_name = state_name || ' (new)' WHERE state_id = 'CA'");
        }
    }

    private static String city() {
        return "(SELECT id FROM cms.state WHERE population IS NOT NULL AND state_id = 'TX' ORDER BY id OFFSET 7 LIMIT 1)";
    }

    private long someId(Sql sql, long newest) throws SQLException {
        return ids(sql, 1, newest)[0];
    }

    /** Distinct ids, some of which may have been deleted before; of a small table not more than half of all. */
    private long[] ids(Sql sql, int count, long newest) throws SQLException {
        long[] range = sql.one(
                "SELECT min(id), max(id) FROM cms.prescriber_drug", row -> new long[] {row.getLong(1), row.getLong(2)});
        long from = Math.max(range[0], newest == Long.MAX_VALUE ? range[0] : range[1] - newest);
        long most = Math.max(1, (range[1] - from + 1) / 2);
        return random.longs(from, range[1] + 1)
                .distinct()
                .limit(Math.min(count, most))
                .toArray();
    }

    /** 80 % updates, among them 5 % that move to another state, 10 % inserts and 10 % deletes. */
    private void rows(Sql sql, int wanted, long newest) throws SQLException {
        long[] ids = ids(sql, wanted, newest);
        int count = ids.length;
        int updates = count * 75 / 100;
        int moves = count * 5 / 100;
        int others = count / 10;
        sql.update(
                "UPDATE cms.prescriber_drug SET tot_clms = tot_clms + 1, tot_drug_cst = tot_drug_cst + 1.25"
                        + " WHERE id = ANY (?)",
                part(ids, 0, updates));
        sql.update(
                "UPDATE cms.prescriber_drug SET prscrbr_state_abrvtn ="
                        + " CASE prscrbr_state_abrvtn WHEN 'TX' THEN 'CA' ELSE 'TX' END WHERE id = ANY (?)",
                part(ids, updates, moves));
        // the prescriber of one row with the drug of another
        sql.update(
                "INSERT INTO cms.prescriber_drug (brnd_name, gnrc_name, " + COPIED
                        + ") SELECT d.brnd_name, d.gnrc_name, "
                        + "p." + COPIED.replace(", ", ", p.")
                        + " FROM unnest(?::bigint[], ?::bigint[]) AS pair (prescriber, drug)"
                        + " JOIN cms.prescriber_drug p ON p.id = pair.prescriber"
                        + " JOIN cms.prescriber_drug d ON d.id = pair.drug ON CONFLICT DO NOTHING",
                part(ids, updates + moves, others),
                part(ids, 0, others));
        sql.update("DELETE FROM cms.prescriber_drug WHERE id = ANY (?)", part(ids, updates + moves + others, others));
    }

    private static long[] part(long[] ids, int from, int count) {
        return Arrays.copyOfRange(ids, from, from + count);
    }
}
