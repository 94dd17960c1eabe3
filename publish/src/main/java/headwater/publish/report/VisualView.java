package headwater.publish.report;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A visual with its numbers, as the page's template shows it.
 *
 * @param summary the first numbers in words, for who cannot see the chart
 * @param rows cells as text, the last one the exact number
 * @param card the number for a card, short
 * @param cardExact all its digits
 * @param csv address of the download
 */
record VisualView(
        String id,
        String title,
        String kind,
        List<String> columns,
        String summary,
        List<Row> rows,
        String card,
        String cardExact,
        String csv) {
    private static final int SPOKEN = 3;

    /**
     * A row of the visual's table.
     *
     * @param state the state's code where the row is one, else empty
     */
    record Row(List<String> cells, String state) {}

    static VisualView of(Visual visual, List<List<Object>> rows, Filter filter, String report) {
        List<Row> shown = rows.stream().map(row -> row(visual, row)).toList();
        BigDecimal number = rows.isEmpty() ? null : number(rows.get(0));
        return new VisualView(
                visual.id(),
                visual.title(),
                visual.kind().code(),
                visual.columns(),
                summary(visual, rows),
                shown,
                number == null ? "–" : visual.unit().compact(number),
                number == null ? "none" : visual.unit().exact(number),
                "/" + report + "/" + visual.id() + ".csv?" + filter.address());
    }

    private static Row row(Visual visual, List<Object> row) {
        List<String> cells = new java.util.ArrayList<>();
        for (int i = 0; i < row.size() - 1; i++) {
            cells.add(label(row.get(i)));
        }
        cells.add(visual.unit().exact(number(row)));
        return new Row(cells, visual.columns().get(0).equals("Code") ? cells.get(0) : "");
    }

    private static String summary(Visual visual, List<List<Object>> rows) {
        if (rows.isEmpty()) {
            return visual.title() + ": no rows";
        }
        return visual.title() + ". "
                + rows.stream()
                        .limit(SPOKEN)
                        .map(row -> label(row.get(row.size() - 2)) + ": "
                                + visual.unit().exact(number(row)))
                        .collect(Collectors.joining("; "))
                + (rows.size() > SPOKEN ? "; and " + (rows.size() - SPOKEN) + " more, all in the table below" : "");
    }

    static String label(Object value) {
        return value == null ? "(no name)" : value.toString();
    }

    private static BigDecimal number(List<Object> row) {
        Object last = row.get(row.size() - 1);
        return last == null ? BigDecimal.ZERO : (BigDecimal) last;
    }
}
