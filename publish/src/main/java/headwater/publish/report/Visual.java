package headwater.publish.report;

import java.util.List;

/**
 * One visual of a report: a chart or a card.
 *
 * @param id unique within its report, part of addresses
 * @param unit of the last column
 * @param columns headings of the query's columns: the last one is the number, the one before it the label; a first of
 *     three is the key by which equal labels are told apart
 * @param national the query over all states
 * @param state the query over one state
 */
public record Visual(
        String id, String title, Kind kind, Unit unit, List<String> columns, FilteredSql national, FilteredSql state) {

    /** How the numbers are drawn. */
    public enum Kind {
        COLUMN,
        BAR,
        PIE,
        TREEMAP,
        CARD;

        /** For the page's markup. */
        public String code() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** A visual whose query over one state only has one more condition, in place of {@code :filter}. */
    public static Visual of(String id, String title, Kind kind, Unit unit, List<String> columns, String sql) {
        return new Visual(
                id,
                title,
                kind,
                unit,
                columns,
                new FilteredSql(sql.replace(":filter", "year = :year")),
                new FilteredSql(sql.replace(":filter", "year = :year AND state_code = :state")));
    }

    FilteredSql query(Filter filter) {
        return filter.state().isEmpty() ? national : state;
    }
}
