package headwater.publish.report.partd;

import static headwater.publish.report.Unit.COUNT;
import static headwater.publish.report.Unit.MONEY;
import static headwater.publish.report.Visual.Kind.BAR;
import static headwater.publish.report.Visual.Kind.CARD;
import static headwater.publish.report.Visual.Kind.COLUMN;
import static headwater.publish.report.Visual.Kind.PIE;

import headwater.publish.report.FilteredSql;
import headwater.publish.report.Report;
import headwater.publish.report.RowTable;
import headwater.publish.report.Unit;
import headwater.publish.report.Visual;
import java.util.List;
import java.util.Set;

/**
 * What is prescribed: the eight visuals over {@code drug_report}, and over all states over {@code drug_summary}, which holds
 * the same added up.
 */
public final class DrugReport {
    public static final Report REPORT = new Report(
            "drugs",
            "Drug Report",
            Set.of("drug_report", "drug_summary", "state_summary"),
            List.of(
                    drugs(
                            "top-drugs-by-claims",
                            "Top 10 most used drugs",
                            COLUMN,
                            COUNT,
                            List.of("Drug", "Claims"),
                            top("drug", "total_claims")),
                    drugs(
                            "top-drugs-by-cost",
                            "Top 10 drugs by total cost",
                            COLUMN,
                            MONEY,
                            List.of("Drug", "Cost"),
                            top("drug", "total_cost")),
                    drugs(
                            "top-brands-by-claims",
                            "Top 10 brands by claims",
                            PIE,
                            COUNT,
                            List.of("Brand", "Claims"),
                            top("drug_brand_name", "total_claims")),
                    drugs(
                            "top-brands-by-cost",
                            "Top 10 brands by total cost",
                            BAR,
                            MONEY,
                            List.of("Brand", "Cost"),
                            top("drug_brand_name", "total_cost"))),
            List.of(
                    drugs(
                            "drugs",
                            "Number of drugs",
                            CARD,
                            COUNT,
                            List.of("", "Drugs"),
                            "SELECT '', COUNT(DISTINCT drug_brand_name, drug) FROM :table WHERE :filter"),
                    drugs(
                            "total-cost",
                            "Total cost for drug",
                            CARD,
                            MONEY,
                            List.of("", "Cost"),
                            "SELECT '', SUM(total_cost) FROM :table WHERE :filter"),
                    drugs(
                            "brands",
                            "Number of drug brands",
                            CARD,
                            COUNT,
                            List.of("", "Brands"),
                            "SELECT '', COUNT(DISTINCT drug_brand_name) FROM :table WHERE :filter"),
                    drugs(
                            "types",
                            "Types of drug",
                            PIE,
                            COUNT,
                            List.of("Type", "Drugs"),
                            "SELECT drug_type, COUNT(DISTINCT drug_brand_name, drug) AS n FROM :table WHERE :filter"
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
        return "SELECT " + name + ", SUM(" + measure + ") AS n FROM :table WHERE :filter GROUP BY " + name
                + " ORDER BY n DESC, " + name + " LIMIT 10";
    }

    private static Visual drugs(
            String id, String title, Visual.Kind kind, Unit unit, List<String> columns, String sql) {
        return new Visual(
                id,
                title,
                kind,
                unit,
                columns,
                new FilteredSql(sql.replace(":table", "drug_summary").replace(":filter", "year = :year")),
                new FilteredSql(sql.replace(":table", "drug_report")
                        .replace(":filter", "year = :year AND state_code = :state")));
    }

    private DrugReport() {}
}
