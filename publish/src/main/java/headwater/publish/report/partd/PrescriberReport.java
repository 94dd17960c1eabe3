package headwater.publish.report.partd;

import static headwater.publish.report.Unit.COUNT;
import static headwater.publish.report.Unit.MONEY;
import static headwater.publish.report.Visual.Kind.CARD;
import static headwater.publish.report.Visual.Kind.COLUMN;
import static headwater.publish.report.Visual.Kind.PIE;
import static headwater.publish.report.Visual.Kind.TREEMAP;

import headwater.publish.report.FilteredSql;
import headwater.publish.report.Report;
import headwater.publish.report.RowTable;
import headwater.publish.report.Visual;
import java.util.List;
import java.util.Set;

/**
 * Who prescribes: the eight visuals over {@code prescriber_report} and the small tables that hold its counts ready. In
 * {@code prescriber_report} a prescriber has one row per state; over all states the few with more than one are put right
 * by {@code multi_state_prescriber}, so that no query reads all rows of a year.
 */
final class PrescriberReport {
    static final Report REPORT = new Report(
            "prescribers",
            "Prescriber Report",
            Set.of("prescriber_report", "multi_state_prescriber", "prescriber_summary", "state_summary"),
            List.of(
                    new Visual(
                            "top-prescribers-by-claims",
                            "Top 10 prescribers by claims",
                            COLUMN,
                            COUNT,
                            List.of("NPI", "Prescriber", "Claims"),
                            nationalTop("total_claims", "by_claims"),
                            stateTop("total_claims")),
                    new Visual(
                            "top-prescribers-by-cost",
                            "Top 10 prescribers by drug cost",
                            COLUMN,
                            MONEY,
                            List.of("NPI", "Prescriber", "Cost"),
                            nationalTop("total_drug_cost", "by_cost"),
                            stateTop("total_drug_cost")),
                    Visual.of(
                            "top-states",
                            "Top 5 states by prescribers",
                            PIE,
                            COUNT,
                            List.of("Code", "State", "Prescribers"),
                            "SELECT state_code, state_name, prescribers FROM state_summary WHERE :filter"
                                    + " ORDER BY prescribers DESC, state_code LIMIT 5"),
                    new Visual(
                            "specialties",
                            "Prescribers by specialty",
                            TREEMAP,
                            COUNT,
                            List.of("Specialty", "Prescribers"),
                            nationalCount("presc_specialty"),
                            stateCount("presc_specialty"))),
            List.of(
                    new Visual(
                            "prescribers",
                            "Number of prescribers",
                            CARD,
                            COUNT,
                            List.of("", "Prescribers"),
                            nationalCount("''"),
                            stateCount("''")),
                    Visual.of(
                            "total-cost",
                            "Total cost paid",
                            CARD,
                            MONEY,
                            List.of("", "Cost"),
                            "SELECT '', SUM(total_cost) FROM state_summary WHERE :filter"),
                    Visual.of(
                            "total-claims",
                            "Total claims",
                            CARD,
                            COUNT,
                            List.of("", "Claims"),
                            "SELECT '', SUM(total_claims) FROM state_summary WHERE :filter"),
                    new Visual(
                            "types",
                            "Prescribers by type",
                            PIE,
                            COUNT,
                            List.of("Type", "Prescribers"),
                            nationalCount("presc_type"),
                            stateCount("presc_type"))),
            new RowTable(
                    "prescriber_report",
                    List.of(
                            RowTable.Column.text("state_code", "State"),
                            RowTable.Column.text("presc_id", "NPI"),
                            RowTable.Column.text("presc_fullname", "Prescriber"),
                            RowTable.Column.text("presc_specialty", "Specialty"),
                            RowTable.Column.text("presc_type", "Type"),
                            RowTable.Column.number("total_claims", "Claims", COUNT),
                            RowTable.Column.number("total_drug_cost", "Cost", MONEY),
                            RowTable.Column.number("drugs", "Drugs", COUNT)),
                    List.of("state_code", "presc_id")));

    private static FilteredSql stateTop(String measure) {
        return new FilteredSql("SELECT presc_id, presc_fullname, " + measure + " AS n FROM prescriber_report"
                + " WHERE year = :year AND state_code = :state ORDER BY n DESC, presc_id LIMIT 10");
    }

    /**
     * The first ten of those with one state, which the index gives in order, and of those with several, which are few. The
     * hints keep MySQL from hashing the few and then reading and sorting all.
     */
    private static FilteredSql nationalTop(String measure, String index) {
        return new FilteredSql("SELECT presc_id, presc_fullname, n FROM ("
                + "(SELECT p.presc_id, p.presc_fullname, p." + measure + " AS n"
                + " FROM prescriber_report p FORCE INDEX (" + index + ") WHERE p.year = :year AND NOT EXISTS ("
                + "SELECT /*+ NO_SEMIJOIN() */ 1 FROM multi_state_prescriber m"
                + " WHERE m.year = p.year AND m.presc_id = p.presc_id)"
                + " ORDER BY p." + measure + " DESC, p.presc_id LIMIT 10)"
                + " UNION ALL (SELECT presc_id, MAX(presc_fullname), SUM(" + measure
                + ") AS n FROM multi_state_prescriber"
                + " WHERE year = :year GROUP BY presc_id ORDER BY n DESC, presc_id LIMIT 10)) t"
                + " ORDER BY n DESC, presc_id LIMIT 10");
    }

    private static FilteredSql stateCount(String by) {
        return new FilteredSql("SELECT " + by + " AS label, SUM(prescribers) AS n FROM prescriber_summary"
                + " WHERE year = :year AND state_code = :state GROUP BY label ORDER BY n DESC, label");
    }

    /** The sum over the states, less the rows by which prescribers of several states are counted more than once. */
    private static FilteredSql nationalCount(String by) {
        return new FilteredSql("SELECT label, SUM(n) AS n FROM ("
                + "SELECT " + by
                + " AS label, SUM(prescribers) AS n FROM prescriber_summary WHERE year = :year GROUP BY label"
                + " UNION ALL SELECT " + by + " AS label, COUNT(DISTINCT presc_id) - COUNT(*) AS n"
                + " FROM multi_state_prescriber WHERE year = :year GROUP BY label) t"
                + " GROUP BY label ORDER BY n DESC, label");
    }

    private PrescriberReport() {}
}
