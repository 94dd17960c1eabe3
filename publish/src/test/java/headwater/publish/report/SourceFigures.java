package headwater.publish.report;

import headwater.lake.pipeline.Pipeline;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What each visual must show, computed from the source in PostgreSQL by the plainest SQL there is, over the expected rows of
 * the shipped pipeline ({@code expected/*.sql}): no summary table, no index, no correction. Text is ordered by code point,
 * as in MySQL.
 */
final class SourceFigures {
    private static final String PRESCRIBERS = "SELECT presc_id, max(presc_fullname), sum(%s) FROM rows WHERE %s"
            + " GROUP BY presc_id ORDER BY 3 DESC, 1 LIMIT 10";
    private static final String COUNTED =
            "SELECT %1$s COLLATE \"C\", count(DISTINCT presc_id) FROM rows WHERE %2$s GROUP BY 1"
                    + " ORDER BY 2 DESC, 1";

    private static final Map<String, String> DRUGS = Map.of(
            "top-drugs-by-claims",
            top("drug", "total_claims"),
            "top-drugs-by-cost",
            top("drug", "total_cost"),
            "top-brands-by-claims",
            top("drug_brand_name", "total_claims"),
            "top-brands-by-cost",
            top("drug_brand_name", "total_cost"),
            "drugs",
            "SELECT '', count(DISTINCT (drug_brand_name, drug)) FROM rows WHERE %s",
            "total-cost",
            "SELECT '', sum(total_cost) FROM rows WHERE %s",
            "brands",
            "SELECT '', count(DISTINCT drug_brand_name) FROM rows WHERE %s",
            "types",
            "SELECT drug_type COLLATE \"C\", count(DISTINCT (drug_brand_name, drug)) FROM rows WHERE %s GROUP BY 1"
                    + " ORDER BY 2 DESC, 1");

    private final Pipeline pipeline;

    SourceFigures(Pipeline pipeline) {
        this.pipeline = pipeline;
    }

    /**
     * The rows of a visual.
     *
     * @param state empty for all states
     */
    List<List<Object>> of(Report report, Visual visual, int year, String state) throws SQLException {
        String where = "year = " + year + (state.isEmpty() ? "" : " AND state_code = '" + state + "'");
        boolean drugs = report.path().equals("drugs");
        String sql = drugs ? DRUGS.get(visual.id()).formatted(where) : prescribers(visual.id(), where);
        return select(expected("cleansed") + ", rows AS (" + expected(drugs ? "drug_report" : "prescriber_report")
                + ") " + sql);
    }

    /** How many source rows keep the rules. */
    List<List<Object>> keptPrescriberDrugRows() throws SQLException {
        return select(expected("cleansed") + "SELECT count(*) FROM prescriber_drug");
    }

    private static String prescribers(String visual, String where) {
        return switch (visual) {
            case "top-prescribers-by-claims" -> PRESCRIBERS.formatted("total_claims", where);
            case "top-prescribers-by-cost" -> PRESCRIBERS.formatted("total_drug_cost", where);
            case "top-states" ->
                "SELECT state_code, max(state_name), count(DISTINCT presc_id) FROM rows WHERE " + where
                        + " GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT 5";
            case "specialties" -> COUNTED.formatted("presc_specialty", where);
            case "types" -> COUNTED.formatted("presc_type", where);
            case "prescribers" -> "SELECT '', count(DISTINCT presc_id) FROM rows WHERE " + where;
            case "total-cost" -> "SELECT '', sum(total_drug_cost) FROM rows WHERE " + where;
            case "total-claims" -> "SELECT '', sum(total_claims) FROM rows WHERE " + where;
            default -> throw new IllegalArgumentException(visual);
        };
    }

    private static String top(String name, String measure) {
        return "SELECT " + name + " COLLATE \"C\", sum(" + measure + ") FROM rows WHERE %s GROUP BY 1"
                + " ORDER BY 2 DESC, 1 LIMIT 10";
    }

    private List<List<Object>> select(String sql) throws SQLException {
        List<List<Object>> rows = new ArrayList<>();
        try (Connection source = pipeline.source().open();
                Statement statement = source.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            int columns = row.getMetaData().getColumnCount();
            while (row.next()) {
                List<Object> values = new ArrayList<>();
                for (int column = 1; column <= columns; column++) {
                    Object value = row.getObject(column);
                    values.add(value instanceof Number ? new BigDecimal(value.toString()) : value);
                }
                rows.add(values);
            }
        }
        return rows;
    }

    private static String expected(String name) {
        try (InputStream in =
                Pipeline.class.getResourceAsStream("/pipelines/medicare-part-d/expected/" + name + ".sql")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
