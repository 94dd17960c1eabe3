package headwater.publish.report;

import java.util.List;
import java.util.Optional;

/**
 * The rows behind a report's visuals.
 *
 * @param columns what is shown
 * @param key the columns that tell rows of one year apart
 */
public record RowTable(String table, List<Column> columns, List<String> key) {

    /**
     * A column that is shown.
     *
     * @param unit empty for text
     */
    public record Column(String name, String heading, Optional<Unit> unit) {

        public static Column text(String name, String heading) {
            return new Column(name, heading, Optional.empty());
        }

        public static Column number(String name, String heading, Unit unit) {
            return new Column(name, heading, Optional.of(unit));
        }
    }

    /** The column by which rows are sorted, the greatest first; that of the first number unless another is asked for. */
    Column sort(Optional<String> asked) {
        List<Column> numbers =
                columns.stream().filter(column -> column.unit().isPresent()).toList();
        if (asked.isEmpty()) {
            return numbers.get(0);
        }
        return numbers.stream()
                .filter(column -> column.name().equals(asked.get()))
                .findFirst()
                .orElseThrow(() -> Problem.unknown(
                        "column to sort by",
                        asked.get(),
                        String.join(", ", numbers.stream().map(Column::name).toList())));
    }

    /** Rows of the filter in a stable order. */
    FilteredSql select(Filter filter, Column sort) {
        return new FilteredSql(
                "SELECT " + String.join(", ", columns.stream().map(Column::name).toList()) + " FROM " + table
                        + where(filter) + " ORDER BY " + sort.name() + " DESC, " + String.join(", ", key));
    }

    private static String where(Filter filter) {
        return " WHERE year = :year" + (filter.state().isEmpty() ? "" : " AND state_code = :state");
    }
}
