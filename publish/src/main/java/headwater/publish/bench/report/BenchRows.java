package headwater.publish.bench.report;

import headwater.lake.process.Progress;
import headwater.lake.process.Shutdown;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;

/**
 * Rows of the report tables in the shape of a full year: 62 states by population, 180 specialties, 3,100 drugs, long-tailed
 * claims, one prescriber in a thousand in two states. The small tables are computed from the large one by MySQL.
 */
final class BenchRows {
    private static final int YEAR = 2020;
    private static final int DRUGS = 3100;
    private static final int SPECIALTIES = 180;
    private static final int BATCH = 5000;
    private static final List<String> STATES = List.of(
            ("CA NY FL TX PA OH IL MI NC NJ GA MA VA WA TN AZ IN MO MD WI MN CO SC AL LA KY OR OK CT PR IA UT NV AR MS KS"
                            + " NM NE ID WV HI NH ME MT RI DE SD ND AK DC VT WY GU VI AS MP FM AA AE AP XX ZZ")
                    .split(" "));

    private final Connection mart;
    private final int prescribers;
    private final PrintStream out;
    private final Random random = new Random(7);

    /** @param out where the progress goes */
    BenchRows(Connection mart, int prescribers, PrintStream out) {
        this.mart = mart;
        this.prescribers = prescribers;
        this.out = out;
    }

    /** Writes all, in a minute or so for a million. */
    void write(Shutdown shutdown) throws SQLException {
        mart.setAutoCommit(false);
        prescribers(shutdown);
        drugs(shutdown);
        for (String sql : List.of(
                "INSERT INTO multi_state_prescriber SELECT year, presc_id, state_code, presc_fullname, presc_specialty,"
                        + " presc_type, total_claims, total_drug_cost FROM prescriber_report WHERE presc_id IN ("
                        + "SELECT presc_id FROM (SELECT presc_id FROM prescriber_report GROUP BY presc_id HAVING COUNT(*) > 1) m)",
                "INSERT INTO drug_summary SELECT year, drug_brand_name, drug, drug_type, SUM(total_claims), SUM(total_cost)"
                        + " FROM drug_report GROUP BY year, drug_brand_name, drug, drug_type",
                "INSERT INTO prescriber_summary SELECT year, state_code, presc_specialty, presc_type, COUNT(*)"
                        + " FROM prescriber_report GROUP BY year, state_code, presc_specialty, presc_type",
                "INSERT INTO state_summary SELECT year, state_code, MAX(state_name), COUNT(*), 0, SUM(total_claims),"
                        + " SUM(total_drug_cost), 1, 1 FROM prescriber_report GROUP BY year, state_code",
                "INSERT INTO headwater_publication (pipeline, source_epoch, lsn, state, committed_at, rows_upserted,"
                        + " rows_deleted) VALUES ('medicare-part-d', 1, 100, 'complete', UTC_TIMESTAMP(6), 0, 0)")) {
            try (Statement statement = mart.createStatement()) {
                statement.execute(sql);
            }
        }
        mart.commit();
        mart.setAutoCommit(true);
        try (Statement statement = mart.createStatement()) {
            statement.execute(
                    "ANALYZE TABLE prescriber_report, drug_report, drug_summary, prescriber_summary, multi_state_prescriber");
        }
    }

    private void prescribers(Shutdown shutdown) throws SQLException {
        try (Progress progress = new Progress("prescriber_report", prescribers, out);
                PreparedStatement insert =
                        mart.prepareStatement("INSERT INTO prescriber_report VALUES (?,?,?,?,?,?,?,?,?,?)")) {
            for (int i = 0; i < prescribers && !shutdown.requested(); i++) {
                long id = 1_000_000_000L + i;
                int state = state();
                prescriber(insert, id, state);
                if (i % 1000 == 0) {
                    prescriber(insert, id, (state + 1) % STATES.size());
                }
                if ((i + 1) % BATCH == 0 || i + 1 == prescribers) {
                    insert.executeBatch();
                    mart.commit();
                    progress.add(Math.min(BATCH, i + 1));
                }
            }
        }
    }

    private void prescriber(PreparedStatement insert, long id, int state) throws SQLException {
        long claims = Math.round(Math.exp(6 + 1.2 * random.nextGaussian()));
        insert.setInt(1, YEAR);
        insert.setString(2, STATES.get(state));
        insert.setLong(3, id);
        insert.setString(4, "Prescriber " + Long.toString(id, 36));
        insert.setString(5, "Specialty " + (int) (SPECIALTIES * Math.pow(random.nextDouble(), 3)));
        insert.setString(6, id % 100 == 0 ? "Organization" : "Individual");
        insert.setString(7, "State " + STATES.get(state));
        insert.setLong(8, claims);
        insert.setBigDecimal(9, java.math.BigDecimal.valueOf(claims * (1000 + random.nextInt(200_000)), 2));
        insert.setLong(10, 25);
        insert.addBatch();
    }

    private void drugs(Shutdown shutdown) throws SQLException {
        try (Progress progress = new Progress("drug_report", (long) DRUGS * STATES.size(), out);
                PreparedStatement insert =
                        mart.prepareStatement("INSERT INTO drug_report VALUES (?,?,?,?,?,?,?,?,?,?)")) {
            for (int state = 0; state < STATES.size() && !shutdown.requested(); state++) {
                for (int drug = 0; drug < DRUGS; drug++) {
                    long claims = 11 + Math.round(4_000_000.0 / (1 + drug) / (1 + state) * random.nextDouble());
                    insert.setInt(1, YEAR);
                    insert.setString(2, STATES.get(state));
                    insert.setString(3, drug % 3 == 0 ? "Brand " + drug : "Drug " + drug);
                    insert.setString(4, "Drug " + drug);
                    insert.setString(5, drug % 20 == 0 ? "Antibiotic" : "Non-antibiotic");
                    insert.setLong(6, claims);
                    insert.setBigDecimal(7, java.math.BigDecimal.valueOf(claims * (1000 + random.nextInt(200_000)), 2));
                    insert.setBigDecimal(8, java.math.BigDecimal.valueOf(claims));
                    insert.setLong(9, claims * 30);
                    insert.setLong(10, 1 + claims / 30);
                    insert.addBatch();
                }
                insert.executeBatch();
                mart.commit();
                progress.add(DRUGS);
            }
        }
    }

    /** The first states are the largest: about a tenth of all in California, as in the real data. */
    private int state() {
        return (int) (STATES.size() * Math.pow(random.nextDouble(), 1.8));
    }
}
