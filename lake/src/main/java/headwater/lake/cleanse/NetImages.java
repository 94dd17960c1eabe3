package headwater.lake.cleanse;

import headwater.lake.contract.CleansedColumns;
import headwater.lake.table.RowEdit;
import headwater.lake.table.RowShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;

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
     * @param shape of the table
     * @param live the pipeline's columns
     */
    static NetImages of(long from, List<RowEdit> edits, RowShape shape, RowShape live) {
        Map<Row, Integer> net = new LinkedHashMap<>();
        for (RowEdit edit : edits) {
            edit.before().ifPresent(old -> count(net, old.row(), -1, shape, live));
            edit.after().ifPresent(row -> count(net, row, 1, shape, live));
        }
        List<Row> rows = new ArrayList<>();
        net.forEach((row, count) -> {
            if (count != 0) {
                rows.add(row);
            }
        });
        return new NetImages(from, rows);
    }

    private static void count(Map<Row, Integer> net, Row row, int sign, RowShape shape, RowShape live) {
        if (!shape.flag(row, CleansedColumns.DELETED)) {
            net.merge(shape.cut(row, live), sign, Integer::sum);
        }
    }
}
