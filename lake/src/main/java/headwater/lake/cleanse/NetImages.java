package headwater.lake.cleanse;

import headwater.lake.table.RowEdit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * The old and new images of the live rows that differ between two positions of a cleansed table.
 *
 * @param from the older position
 * @param rows with the pipeline's columns
 */
record NetImages(long from, List<Row> rows) {

    /**
     * Of edits of the table's rows.
     *
     * @param columns how many of a row's columns are the pipeline's, the first ones
     * @param deleted the index of the column that says whether the row is a tombstone
     */
    static NetImages of(long from, List<RowEdit> edits, int columns, int deleted) {
        Map<Row, Integer> net = new LinkedHashMap<>();
        for (RowEdit edit : edits) {
            edit.before().ifPresent(old -> count(net, old.row(), -1, columns, deleted));
            edit.after().ifPresent(row -> count(net, row, 1, columns, deleted));
        }
        List<Row> rows = new ArrayList<>();
        net.forEach((row, count) -> {
            if (count != 0) {
                rows.add(row);
            }
        });
        return new NetImages(from, rows);
    }

    private static void count(Map<Row, Integer> net, Row row, int sign, int columns, int deleted) {
        if (!row.getBoolean(deleted)) {
            Object[] values = new Object[columns];
            for (int at = 0; at < columns; at++) {
                values[at] = row.get(at);
            }
            net.merge(RowFactory.create(values), sign, Integer::sum);
        }
    }
}
