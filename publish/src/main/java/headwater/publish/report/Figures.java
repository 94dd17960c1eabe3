package headwater.publish.report;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Everything that one page of a report shows, of one moment of MySQL.
 *
 * @param publication what the tables held at that moment
 * @param rows by the id of the visual: its query's rows, the last value of each a BigDecimal or null
 */
public record Figures(
        Report report, Filter filter, Choices choices, Published publication, Map<String, List<List<Object>>> rows) {

    /** The rows of one visual. */
    List<List<Object>> of(Visual visual) {
        return Objects.requireNonNull(rows.get(visual.id()));
    }
}
