package headwater.capture.partd.traffic;

import headwater.capture.partd.generate.Npi;
import headwater.capture.partd.generate.Places;
import headwater.capture.partd.generate.Places.City;
import headwater.capture.partd.generate.Places.State;
import headwater.capture.partd.generate.Prescribers;
import headwater.capture.partd.traffic.RowSample.Row;
import headwater.capture.partd.traffic.TrafficTotals.Count;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The statements of change traffic: each changes rows by primary key or by an index, and counts those it changed. */
final class TrafficStatements {
    private static final int MOST_BROKEN = 1_000;
    private static final int FREE_NPIS = 29_000_000;

    private static final String COUNTS = "brnd_name, gnrc_name, tot_clms, tot_30day_fills, tot_day_suply, tot_drug_cst,"
            + " tot_benes, ge65_sprsn_flag, ge65_tot_clms, ge65_tot_30day_fills, ge65_tot_drug_cst, ge65_tot_day_suply,"
            + " ge65_bene_sprsn_flag, ge65_tot_benes";
    private static final String WHO = "prscrbr_last_org_name, prscrbr_first_name, prscrbr_city, prscrbr_state_abrvtn,"
            + " prscrbr_state_fips, prscrbr_type, prscrbr_type_src";
    private static final String[] SPECIALTIES = {
        "Internal Medicine", "Family Practice", "Nurse Practitioner", "Cardiology"
    };

    /** A statement that breaks a rule, with the row's id, and the one that mends it, with the id or the NPI and the id. */
    private record Flawing(String breaking, String mending) {}

    private static final Flawing WRONG_CHECK_DIGIT =
            new Flawing("prscrbr_npi = prscrbr_npi / 10 * 10 + (prscrbr_npi + 1) % 10", "prscrbr_npi = ?");

    private static final Flawing[] FLAWINGS = {
        WRONG_CHECK_DIGIT,
        new Flawing("prscrbr_type = NULL", "prscrbr_type = 'Internal Medicine'"),
        new Flawing("brnd_name = '  '", "brnd_name = gnrc_name"),
        new Flawing("tot_clms = NULL", "tot_clms = 11"),
        new Flawing("tot_drug_cst = -abs(tot_drug_cst) - 0.01", "tot_drug_cst = abs(tot_drug_cst)")
    };

    private record Broken(Row row, Flawing how) {}

    private final SplittableRandom random;
    private final int largeRows;
    private final Places places = new Places(2 * Places.STATES_WITH_CITIES);
    private final RowSample drugRows;
    private final RowSample otherDrugRows;
    private final RowSample prescribers;
    private final RowSample drugs;
    private final RowSample cities;
    private final Deque<Broken> broken = new ArrayDeque<>();
    private final List<Broken> brokenHere = new ArrayList<>();

    /** @param largeRows rows of a large statement */
    TrafficStatements(SplittableRandom random, int largeRows) {
        this.random = random;
        this.largeRows = largeRows;
        drugRows = new RowSample("cms.prescriber_drug", "year, prscrbr_npi, prscrbr_state_abrvtn", random.split());
        otherDrugRows = new RowSample("cms.prescriber_drug", "year, prscrbr_npi, prscrbr_state_abrvtn", random.split());
        prescribers = new RowSample("cms.prescriber", "year, prscrbr_npi, prscrbr_state_abrvtn", random.split());
        drugs = new RowSample("cms.drug", "year, 0, prscrbr_geo_cd", random.split());
        cities = new RowSample("cms.state", "0, 0, state_id", random.split());
    }

    void begin() {
        brokenHere.clear();
    }

    /** How many rows the transaction has broken, for {@link #rolledBackTo}. */
    int brokenSoFar() {
        return brokenHere.size();
    }

    /** What was broken since then is whole again. */
    void rolledBackTo(int brokenSoFar) {
        brokenHere.subList(brokenSoFar, brokenHere.size()).clear();
    }

    /** What was broken in the transaction waits to be mended. */
    void committed() {
        broken.addAll(brokenHere);
        while (broken.size() > MOST_BROKEN) {
            broken.poll();
        }
    }

    void execute(TrafficMix.Kind kind, TrafficTransaction transaction) throws SQLException {
        switch (kind) {
            case INSERT -> insert(transaction);
            case UPDATE -> update(transaction);
            case DELETE -> delete(transaction);
            case KEY -> changeKey(transaction);
            case BUSINESS -> changeBusinessKey(transaction);
            case MOVE -> move(transaction);
            case RULE -> breakOrMend(transaction);
            case MULTI -> severalTables(transaction);
            case LARGE -> updateMany(transaction);
        }
    }

    /** A prescriber's row for a drug of another one; nothing if it has that drug already. */
    private void insert(TrafficTransaction transaction) throws SQLException {
        int which = random.nextInt(40);
        if (which == 0) {
            transaction.run(
                    Count.INSERTS,
                    "INSERT INTO cms.state (city, state_id, state_name, county_name, population)"
                            + " SELECT city, state_id, state_name, county_name || ' ' || ?, population / 2 FROM cms.state"
                            + " WHERE id = ? ON CONFLICT DO NOTHING",
                    random.nextInt(1_000_000),
                    cities.next(transaction.connection()).id());
        } else if (which == 1) {
            transaction.run(
                    Count.INSERTS,
                    "INSERT INTO cms.drug (year, prscrbr_geo_lvl, prscrbr_geo_cd, prscrbr_geo_desc, brnd_name, gnrc_name,"
                            + " tot_prscrbrs, tot_clms, tot_30day_fills, tot_drug_cst, tot_benes, opioid_drug_flag,"
                            + " opioid_la_drug_flag, antbtc_drug_flag, antpsyct_drug_flag)"
                            + " SELECT year, 'State', '66', 'Guam', brnd_name, gnrc_name, 1, 11, 11.0, tot_drug_cst, 11,"
                            + " opioid_drug_flag, opioid_la_drug_flag, antbtc_drug_flag, antpsyct_drug_flag"
                            + " FROM cms.drug WHERE id = ?",
                    drugs.next(transaction.connection()).id());
        } else {
            transaction.run(
                    Count.INSERTS,
                    "INSERT INTO cms.prescriber_drug (year, prscrbr_npi, " + WHO + ", " + COUNTS
                            + ") SELECT w.year,"
                            + " w.prscrbr_npi, w." + WHO.replace(", ", ", w.") + ", d."
                            + COUNTS.replace(", ", ", d.")
                            + " FROM cms.prescriber_drug w, cms.prescriber_drug d WHERE w.id = ? AND d.id = ?"
                            + " ON CONFLICT DO NOTHING",
                    drugRows.next(transaction.connection()).id(),
                    otherDrugRows.next(transaction.connection()).id());
        }
    }

    private void update(TrafficTransaction transaction) throws SQLException {
        int claims = 1 + random.nextInt(9);
        transaction.run(
                Count.UPDATES,
                "UPDATE cms.prescriber_drug SET tot_clms = tot_clms + ?, tot_30day_fills = tot_30day_fills + ?,"
                        + " tot_day_suply = tot_day_suply + ?, tot_drug_cst = round(tot_drug_cst * ?::numeric, 2)"
                        + " WHERE id = ?",
                claims,
                claims,
                claims * 30,
                factor(),
                drugRows.next(transaction.connection()).id());
    }

    private void delete(TrafficTransaction transaction) throws SQLException {
        int which = random.nextInt(40);
        if (which == 0) {
            transaction.run(
                    Count.DELETES,
                    "DELETE FROM cms.state WHERE id = ?",
                    cities.next(transaction.connection()).id());
        } else if (which == 1) {
            transaction.run(
                    Count.DELETES,
                    "DELETE FROM cms.drug WHERE id = ?",
                    drugs.next(transaction.connection()).id());
        } else {
            transaction.run(
                    Count.DELETES,
                    "DELETE FROM cms.prescriber_drug WHERE id = ?",
                    drugRows.next(transaction.connection()).id());
        }
    }

    private void changeKey(TrafficTransaction transaction) throws SQLException {
        transaction.run(
                Count.KEY_CHANGES,
                "UPDATE cms.prescriber_drug SET id = DEFAULT WHERE id = ?",
                drugRows.next(transaction.connection()).id());
    }

    private void changeBusinessKey(TrafficTransaction transaction) throws SQLException {
        long id = drugRows.next(transaction.connection()).id();
        if (random.nextBoolean()) {
            transaction.run(
                    Count.BUSINESS_KEY_CHANGES,
                    "UPDATE cms.prescriber_drug SET prscrbr_npi = ? WHERE id = ?",
                    freeNpi(),
                    id);
        } else {
            transaction.run(
                    Count.BUSINESS_KEY_CHANGES,
                    "UPDATE cms.prescriber_drug SET brnd_name = CASE WHEN brnd_name LIKE '% DS'"
                            + " THEN left(brnd_name, -3) ELSE brnd_name || ' DS' END WHERE id = ?",
                    id);
        }
    }

    private void move(TrafficTransaction transaction) throws SQLException {
        Row row = drugRows.next(transaction.connection());
        City to = elsewhere(row.state());
        transaction.run(
                Count.MOVES,
                "UPDATE cms.prescriber_drug SET prscrbr_city = ?, prscrbr_state_abrvtn = ?, prscrbr_state_fips = ?"
                        + " WHERE id = ? AND prscrbr_state_abrvtn IS DISTINCT FROM ?",
                to.name(),
                to.state().code(),
                to.state().fips(),
                row.id(),
                to.state().code());
    }

    private void breakOrMend(TrafficTransaction transaction) throws SQLException {
        if (!broken.isEmpty() && random.nextBoolean()) {
            mend(transaction, broken.poll());
        } else {
            breakRow(transaction);
        }
    }

    private static void mend(TrafficTransaction transaction, Broken one) throws SQLException {
        String mending = "UPDATE cms.prescriber_drug SET " + one.how().mending() + " WHERE id = ?";
        if (one.how().equals(WRONG_CHECK_DIGIT)) {
            transaction.run(Count.MENDS, mending, one.row().npi(), one.row().id());
        } else {
            transaction.run(Count.MENDS, mending, one.row().id());
        }
    }

    private void breakRow(TrafficTransaction transaction) throws SQLException {
        Row row = drugRows.next(transaction.connection());
        Flawing how = FLAWINGS[random.nextInt(FLAWINGS.length)];
        transaction.run(
                Count.RULE_BREAKS, "UPDATE cms.prescriber_drug SET " + how.breaking() + " WHERE id = ?", row.id());
        brokenHere.add(new Broken(row, how));
    }

    private void severalTables(TrafficTransaction transaction) throws SQLException {
        switch (random.nextInt(6)) {
            case 0, 1 -> renamePrescriber(transaction);
            case 2 -> {
                City to = elsewhere(null);
                movePrescriber(transaction, to.name(), to.state());
            }
            case 3 -> addPrescriber(transaction);
            case 4 -> removePrescriber(transaction);
            default -> changeReference(transaction);
        }
        transaction.changed().add(Count.MULTI_TABLE, 1);
    }

    private void renamePrescriber(TrafficTransaction transaction) throws SQLException {
        Row row = prescribers.next(transaction.connection());
        String specialty = SPECIALTIES[random.nextInt(SPECIALTIES.length)];
        String name = "Renamed-" + random.nextInt(10_000);
        transaction.run(
                Count.UPDATES,
                "UPDATE cms.prescriber SET prscrbr_last_org_name = ?, prscrbr_type = ? WHERE id = ?",
                name,
                specialty,
                row.id());
        transaction.run(
                Count.UPDATES,
                "UPDATE cms.prescriber_drug SET prscrbr_last_org_name = ?, prscrbr_type = ?"
                        + " WHERE year = ? AND prscrbr_npi = ?",
                name,
                specialty,
                row.year(),
                row.npi());
    }

    private void movePrescriber(TrafficTransaction transaction, String city, State state) throws SQLException {
        Row row = prescribers.next(transaction.connection());
        String set = " SET prscrbr_city = ?, prscrbr_state_abrvtn = ?, prscrbr_state_fips = ?";
        String code = state.code();
        String fips = state.fips();
        transaction.run(
                Count.MOVES,
                "UPDATE cms.prescriber" + set + " WHERE id = ? AND prscrbr_state_abrvtn IS DISTINCT FROM ?",
                city,
                code,
                fips,
                row.id(),
                code);
        transaction.run(
                Count.MOVES,
                "UPDATE cms.prescriber_drug" + set
                        + " WHERE year = ? AND prscrbr_npi = ? AND prscrbr_state_abrvtn IS DISTINCT FROM ?",
                city,
                code,
                fips,
                row.year(),
                row.npi(),
                code);
    }

    /** With the drugs of another one. */
    private void addPrescriber(TrafficTransaction transaction) throws SQLException {
        Row like = prescribers.next(transaction.connection());
        long npi = freeNpi();
        transaction.run(
                Count.INSERTS,
                "INSERT INTO cms.prescriber (year, prscrbr_npi, prscrbr_ent_cd, " + WHO
                        + ", tot_clms, tot_drug_cst)"
                        + " SELECT year, ?, prscrbr_ent_cd, " + WHO
                        + ", tot_clms, tot_drug_cst FROM cms.prescriber"
                        + " WHERE id = ? ON CONFLICT DO NOTHING",
                npi,
                like.id());
        transaction.run(
                Count.INSERTS,
                "INSERT INTO cms.prescriber_drug (year, prscrbr_npi, " + WHO + ", " + COUNTS
                        + ") SELECT year, ?, " + WHO
                        + ", " + COUNTS + " FROM cms.prescriber_drug WHERE year = ? AND prscrbr_npi = ?"
                        + " ON CONFLICT DO NOTHING",
                npi,
                like.year(),
                like.npi());
    }

    private void removePrescriber(TrafficTransaction transaction) throws SQLException {
        Row row = prescribers.next(transaction.connection());
        transaction.run(
                Count.DELETES,
                "DELETE FROM cms.prescriber_drug WHERE year = ? AND prscrbr_npi = ?",
                row.year(),
                row.npi());
        transaction.run(Count.DELETES, "DELETE FROM cms.prescriber WHERE id = ?", row.id());
    }

    /** A drug's antibiotic flag in a run of its rows, or a city's name, and a prescriber's rows with it. */
    private void changeReference(TrafficTransaction transaction) throws SQLException {
        if (random.nextBoolean()) {
            long from = drugs.next(transaction.connection()).id();
            transaction.run(
                    Count.UPDATES,
                    "UPDATE cms.drug d SET antbtc_drug_flag = CASE f.antbtc_drug_flag WHEN 'Y' THEN 'N' ELSE 'Y' END"
                            + " FROM cms.drug f WHERE f.id = ? AND d.id BETWEEN f.id - 63 AND f.id + 63"
                            + " AND d.year = f.year AND d.brnd_name = f.brnd_name AND d.gnrc_name = f.gnrc_name",
                    from);
            update(transaction);
            return;
        }
        Row city = cities.next(transaction.connection());
        String name = "Newtown " + random.nextInt(1_000_000);
        transaction.run(Count.UPDATES, "UPDATE cms.state SET city = ? WHERE id = ?", name, city.id());
        movePrescriber(transaction, name, places.state(random));
    }

    private void updateMany(TrafficTransaction transaction) throws SQLException {
        transaction.run(
                Count.UPDATES,
                "UPDATE cms.prescriber_drug SET tot_drug_cst = round(tot_drug_cst * ?::numeric, 2) WHERE id IN"
                        + " (SELECT id FROM cms.prescriber_drug WHERE id >= ? ORDER BY id LIMIT ?)",
                factor(),
                drugRows.next(transaction.connection()).id(),
                largeRows);
    }

    /** A city of another state than that. */
    private City elsewhere(@Nullable String state) {
        City city = places.city(places.state(random), random);
        return city.state().code().equals(state) ? elsewhere(state) : city;
    }

    private long freeNpi() {
        return Npi.of(Prescribers.FREE_LEADING + random.nextInt(FREE_NPIS));
    }

    private double factor() {
        return 0.9 + random.nextInt(200) / 1_000.0;
    }
}
