package headwater.capture.generate;

import headwater.capture.generate.Places.City;
import headwater.capture.generate.Places.State;
import headwater.capture.generate.RowSample.Row;
import headwater.capture.generate.TrafficTotals.Count;
import java.sql.Connection;
import java.sql.PreparedStatement;
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

    void execute(TrafficMix.Kind kind, Connection connection, TrafficTotals changed) throws SQLException {
        switch (kind) {
            case INSERT -> insert(connection, changed);
            case UPDATE -> update(connection, changed);
            case DELETE -> delete(connection, changed);
            case KEY -> changeKey(connection, changed);
            case BUSINESS -> changeBusinessKey(connection, changed);
            case MOVE -> move(connection, changed);
            case RULE -> breakOrMend(connection, changed);
            case MULTI -> severalTables(connection, changed);
            case LARGE -> updateMany(connection, changed);
        }
    }

    /** A prescriber's row for a drug of another one; nothing if it has that drug already. */
    private void insert(Connection connection, TrafficTotals changed) throws SQLException {
        int which = random.nextInt(40);
        if (which == 0) {
            changed.add(
                    Count.INSERTS,
                    run(
                            connection,
                            "INSERT INTO cms.state (city, state_id, state_name, county_name, population)"
                                    + " SELECT city, state_id, state_name, county_name || ' ' || ?, population / 2 FROM cms.state"
                                    + " WHERE id = ? ON CONFLICT DO NOTHING",
                            random.nextInt(1_000_000),
                            cities.next(connection).id()));
        } else if (which == 1) {
            changed.add(
                    Count.INSERTS,
                    run(
                            connection,
                            "INSERT INTO cms.drug (year, prscrbr_geo_lvl, prscrbr_geo_cd, prscrbr_geo_desc, brnd_name, gnrc_name,"
                                    + " tot_prscrbrs, tot_clms, tot_30day_fills, tot_drug_cst, tot_benes, opioid_drug_flag,"
                                    + " opioid_la_drug_flag, antbtc_drug_flag, antpsyct_drug_flag)"
                                    + " SELECT year, 'State', '66', 'Guam', brnd_name, gnrc_name, 1, 11, 11.0, tot_drug_cst, 11,"
                                    + " opioid_drug_flag, opioid_la_drug_flag, antbtc_drug_flag, antpsyct_drug_flag"
                                    + " FROM cms.drug WHERE id = ?",
                            drugs.next(connection).id()));
        } else {
            changed.add(
                    Count.INSERTS,
                    run(
                            connection,
                            "INSERT INTO cms.prescriber_drug (year, prscrbr_npi, " + WHO + ", " + COUNTS
                                    + ") SELECT w.year,"
                                    + " w.prscrbr_npi, w." + WHO.replace(", ", ", w.") + ", d."
                                    + COUNTS.replace(", ", ", d.")
                                    + " FROM cms.prescriber_drug w, cms.prescriber_drug d WHERE w.id = ? AND d.id = ?"
                                    + " ON CONFLICT DO NOTHING",
                            drugRows.next(connection).id(),
                            otherDrugRows.next(connection).id()));
        }
    }

    private void update(Connection connection, TrafficTotals changed) throws SQLException {
        int claims = 1 + random.nextInt(9);
        changed.add(
                Count.UPDATES,
                run(
                        connection,
                        "UPDATE cms.prescriber_drug SET tot_clms = tot_clms + ?, tot_30day_fills = tot_30day_fills + ?,"
                                + " tot_day_suply = tot_day_suply + ?, tot_drug_cst = round(tot_drug_cst * ?::numeric, 2)"
                                + " WHERE id = ?",
                        claims,
                        claims,
                        claims * 30,
                        factor(),
                        drugRows.next(connection).id()));
    }

    private void delete(Connection connection, TrafficTotals changed) throws SQLException {
        int which = random.nextInt(40);
        changed.add(
                Count.DELETES,
                which == 0
                        ? run(
                                connection,
                                "DELETE FROM cms.state WHERE id = ?",
                                cities.next(connection).id())
                        : which == 1
                                ? run(
                                        connection,
                                        "DELETE FROM cms.drug WHERE id = ?",
                                        drugs.next(connection).id())
                                : run(
                                        connection,
                                        "DELETE FROM cms.prescriber_drug WHERE id = ?",
                                        drugRows.next(connection).id()));
    }

    private void changeKey(Connection connection, TrafficTotals changed) throws SQLException {
        changed.add(
                Count.KEY_CHANGES,
                run(
                        connection,
                        "UPDATE cms.prescriber_drug SET id = DEFAULT WHERE id = ?",
                        drugRows.next(connection).id()));
    }

    private void changeBusinessKey(Connection connection, TrafficTotals changed) throws SQLException {
        long id = drugRows.next(connection).id();
        changed.add(
                Count.BUSINESS_KEY_CHANGES,
                random.nextBoolean()
                        ? run(connection, "UPDATE cms.prescriber_drug SET prscrbr_npi = ? WHERE id = ?", freeNpi(), id)
                        : run(
                                connection,
                                "UPDATE cms.prescriber_drug SET brnd_name = CASE WHEN brnd_name LIKE '% DS'"
                                        + " THEN left(brnd_name, -3) ELSE brnd_name || ' DS' END WHERE id = ?",
                                id));
    }

    private void move(Connection connection, TrafficTotals changed) throws SQLException {
        Row row = drugRows.next(connection);
        City to = elsewhere(row.state());
        changed.add(
                Count.MOVES,
                run(
                        connection,
                        "UPDATE cms.prescriber_drug SET prscrbr_city = ?, prscrbr_state_abrvtn = ?, prscrbr_state_fips = ?"
                                + " WHERE id = ? AND prscrbr_state_abrvtn IS DISTINCT FROM ?",
                        to.name(),
                        to.state().code(),
                        to.state().fips(),
                        row.id(),
                        to.state().code()));
    }

    private void breakOrMend(Connection connection, TrafficTotals changed) throws SQLException {
        if (!broken.isEmpty() && random.nextBoolean()) {
            Broken one = broken.poll();
            String mending = "UPDATE cms.prescriber_drug SET " + one.how().mending() + " WHERE id = ?";
            changed.add(
                    Count.MENDS,
                    one.how().equals(WRONG_CHECK_DIGIT)
                            ? run(
                                    connection,
                                    mending,
                                    one.row().npi(),
                                    one.row().id())
                            : run(connection, mending, one.row().id()));
            return;
        }
        Row row = drugRows.next(connection);
        Flawing how = FLAWINGS[random.nextInt(FLAWINGS.length)];
        changed.add(
                Count.RULE_BREAKS,
                run(connection, "UPDATE cms.prescriber_drug SET " + how.breaking() + " WHERE id = ?", row.id()));
        brokenHere.add(new Broken(row, how));
    }

    private void severalTables(Connection connection, TrafficTotals changed) throws SQLException {
        switch (random.nextInt(6)) {
            case 0, 1 -> renamePrescriber(connection, changed);
            case 2 -> {
                City to = elsewhere(null);
                movePrescriber(connection, to.name(), to.state(), changed);
            }
            case 3 -> addPrescriber(connection, changed);
            case 4 -> removePrescriber(connection, changed);
            default -> changeReference(connection, changed);
        }
        changed.add(Count.MULTI_TABLE, 1);
    }

    private void renamePrescriber(Connection connection, TrafficTotals changed) throws SQLException {
        Row row = prescribers.next(connection);
        String specialty = SPECIALTIES[random.nextInt(SPECIALTIES.length)];
        String name = "Renamed-" + random.nextInt(10_000);
        changed.add(
                Count.UPDATES,
                run(
                        connection,
                        "UPDATE cms.prescriber SET prscrbr_last_org_name = ?, prscrbr_type = ? WHERE id = ?",
                        name,
                        specialty,
                        row.id()));
        changed.add(
                Count.UPDATES,
                run(
                        connection,
                        "UPDATE cms.prescriber_drug SET prscrbr_last_org_name = ?, prscrbr_type = ?"
                                + " WHERE year = ? AND prscrbr_npi = ?",
                        name,
                        specialty,
                        row.year(),
                        row.npi()));
    }

    private void movePrescriber(Connection connection, String city, State state, TrafficTotals changed)
            throws SQLException {
        Row row = prescribers.next(connection);
        String set = " SET prscrbr_city = ?, prscrbr_state_abrvtn = ?, prscrbr_state_fips = ?";
        String code = state.code();
        String fips = state.fips();
        changed.add(
                Count.MOVES,
                run(
                        connection,
                        "UPDATE cms.prescriber" + set + " WHERE id = ? AND prscrbr_state_abrvtn IS DISTINCT FROM ?",
                        city,
                        code,
                        fips,
                        row.id(),
                        code));
        changed.add(
                Count.MOVES,
                run(
                        connection,
                        "UPDATE cms.prescriber_drug" + set
                                + " WHERE year = ? AND prscrbr_npi = ? AND prscrbr_state_abrvtn IS DISTINCT FROM ?",
                        city,
                        code,
                        fips,
                        row.year(),
                        row.npi(),
                        code));
    }

    /** With the drugs of another one. */
    private void addPrescriber(Connection connection, TrafficTotals changed) throws SQLException {
        Row like = prescribers.next(connection);
        long npi = freeNpi();
        changed.add(
                Count.INSERTS,
                run(
                        connection,
                        "INSERT INTO cms.prescriber (year, prscrbr_npi, prscrbr_ent_cd, " + WHO
                                + ", tot_clms, tot_drug_cst)"
                                + " SELECT year, ?, prscrbr_ent_cd, " + WHO
                                + ", tot_clms, tot_drug_cst FROM cms.prescriber"
                                + " WHERE id = ? ON CONFLICT DO NOTHING",
                        npi,
                        like.id()));
        changed.add(
                Count.INSERTS,
                run(
                        connection,
                        "INSERT INTO cms.prescriber_drug (year, prscrbr_npi, " + WHO + ", " + COUNTS
                                + ") SELECT year, ?, " + WHO
                                + ", " + COUNTS + " FROM cms.prescriber_drug WHERE year = ? AND prscrbr_npi = ?"
                                + " ON CONFLICT DO NOTHING",
                        npi,
                        like.year(),
                        like.npi()));
    }

    private void removePrescriber(Connection connection, TrafficTotals changed) throws SQLException {
        Row row = prescribers.next(connection);
        changed.add(
                Count.DELETES,
                run(
                        connection,
                        "DELETE FROM cms.prescriber_drug WHERE year = ? AND prscrbr_npi = ?",
                        row.year(),
                        row.npi()));
        changed.add(Count.DELETES, run(connection, "DELETE FROM cms.prescriber WHERE id = ?", row.id()));
    }

    /** A drug's antibiotic flag in a run of its rows, or a city's name, and a prescriber's rows with it. */
    private void changeReference(Connection connection, TrafficTotals changed) throws SQLException {
        if (random.nextBoolean()) {
            long from = drugs.next(connection).id();
            changed.add(
                    Count.UPDATES,
                    run(
                            connection,
                            "UPDATE cms.drug d SET antbtc_drug_flag = CASE f.antbtc_drug_flag WHEN 'Y' THEN 'N' ELSE 'Y' END"
                                    + " FROM cms.drug f WHERE f.id = ? AND d.id BETWEEN f.id - 63 AND f.id + 63"
                                    + " AND d.year = f.year AND d.brnd_name = f.brnd_name AND d.gnrc_name = f.gnrc_name",
                            from));
            update(connection, changed);
            return;
        }
        Row city = cities.next(connection);
        String name = "Newtown " + random.nextInt(1_000_000);
        changed.add(Count.UPDATES, run(connection, "UPDATE cms.state SET city = ? WHERE id = ?", name, city.id()));
        movePrescriber(connection, name, places.state(random), changed);
    }

    private void updateMany(Connection connection, TrafficTotals changed) throws SQLException {
        changed.add(
                Count.UPDATES,
                run(
                        connection,
                        "UPDATE cms.prescriber_drug SET tot_drug_cst = round(tot_drug_cst * ?::numeric, 2) WHERE id IN"
                                + " (SELECT id FROM cms.prescriber_drug WHERE id >= ? ORDER BY id LIMIT ?)",
                        factor(),
                        drugRows.next(connection).id(),
                        largeRows));
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

    private static int run(Connection connection, String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return statement.executeUpdate();
        }
    }
}
