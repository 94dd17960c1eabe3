package headwater.publish.report;

import static headwater.publish.report.Unit.COUNT;
import static headwater.publish.report.Unit.MONEY;
import static headwater.publish.report.Visual.Kind.BAR;
import static headwater.publish.report.Visual.Kind.CARD;
import static headwater.publish.report.Visual.Kind.COLUMN;
import static headwater.publish.report.Visual.Kind.PIE;

import java.util.List;
import java.util.Set;

/** What is prescribed: the eight visuals over {@code drug_report}. */
final class DrugReport {
    static final Report REPORT = new Report(
            "drugs",
            "Drug Report",
            Set.of("drug_report", "state_summary"),
            List.of(
                    Visual.of(
                            "top-drugs-by-claims",
                            "Top 10 most used drugs",
                            COLUMN,
                            COUNT,
                            List.of("Drug", "Claims"),
                            top("drug", "total_claims")),
                    Visual.of(
                            "top-drugs-by-cost",
                            "Top 10 drugs by total cost",
                            COLUMN,
                            MONEY,
                            List.of("Drug", "Cost"),
                            top("drug", "total_cost")),
                    Visual.of(
                            "top-brands-by-claims",
                            "Top 10 brands by claims",
                            PIE,
                            COUNT,
                            List.of("Brand", "Claims"),
                            top("drug_brand_name", "total_claims")),
                    Visual.of(
                            "top-brands-by-cost",
                            "Top 10 brands by total cost",
                            BAR,
                            MONEY,
                            List.of("Brand", "Cost"),
                            top("drug_brand_name", "total_cost"))),
            List.of(
                    Visual.of(
                            "drugs",
                            "Number of drugs",
                            CARD,
                            COUNT,
                            List.of("", "Drugs"),
                            "SELECT '', COUNT(DISTINCT drug_brand_name, drug) FROM drug_report WHERE :filter"),
                    Visual.of(
                            "total-cost",
                            "Total cost for drug",
                            CARD,
                            MONEY,
                            List.of("", "Cost"),
                            "SELECT '', SUM(total_cost) FROM drug_report WHERE :filter"),
                    Visual.of(
                            "brands",
                            "Number of drug brands",
                            CARD,
                            COUNT,
                            List.of("", "Brands"),
                            "SELECT '', COUNT(DISTINCT drug_brand_name) FROM drug_report WHERE :filter"),
                    Visual.of(
                            "types",
                            "Types of drug",
                            PIE,
                            COUNT,
                            List.of("Type", "Drugs"),
                            "SELECT drug_type, COUNT(DISTINCT drug_brand_name, drug) AS n FROM drug_report WHERE :filter"
                                    + " GROUP BY drug_type ORDER BY n DESC, drug_type")),
            new RowTable(
                    "drug_report",
                    List.of(
                            RowTable.Column.text("state_code", "State"),
                            RowTable.Column.text("drug_brand_name", "Brand"),
                            RowTable.Column.text("drug", "Drug"),
                            RowTable.Column.text("drug_type", "Type"),
                            RowTable.Column.number("total_claims", "Claims", COUNT),
                            RowTable.Column.number("total_cost", "Cost", MONEY),
                            RowTable.Column.number("prescribers", "Prescribers", COUNT)),
                    List.of("state_code", "drug_brand_name", "drug")));

    private static String top(String name, String measure) {
        return "SELECT " + name + ", SUM(" + measure + ") AS n FROM drug_report WHERE :filter GROUP BY " + name
                + " ORDER BY n DESC, " + name + " LIMIT 10";
    }

    private DrugReport() {}
}
