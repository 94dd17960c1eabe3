package headwater.publish.report;

import headwater.publish.Ledger;
import java.util.List;
import java.util.Map;

/**
 * Everything that one page of a report shows, of one moment of MySQL.
 *
 * @param publication what the tables held at that moment
 * @param rows by the id of the visual: its query's rows, the last value of each a BigDecimal or null
 */
record Figures(
        Report report,
        Filter filter,
        Choices choices,
        Ledger.Publication publication,
        Map<String, List<List<Object>>> rows) {}
