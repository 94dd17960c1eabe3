package headwater.lake.table;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The old and new images of the rows that differ between two positions of a table: an image that is on both sides, as after
 * a change and its reversal, is on neither.
 *
 * @param from the older position
 * @param rows with the columns that others see, and {@link #NET}
 */
public record NetImages(long from, List<Row> rows) {
    /** The last column: how many times more the newer side has the row than the older one, as a bigint that is not 0. */
    public static final String NET = "_net";

    /** The columns of images of rows with these columns. */
    public static StructType shape(StructType live) {
        return live.add(NET, DataTypes.LongType, false);
    }

    /**
     * Of edits of the table's rows.
     *
     * @param shape of the table
     * @param live the columns that others see
     * @param isLive whether others see a row of the table
     */
    public static NetImages of(long from, List<RowEdit> edits, RowShape shape, RowShape live, Predicate<Row> isLive) {
        Map<Row, Long> net = new LinkedHashMap<>();
        for (RowEdit edit : edits) {
            edit.before()
                    .map(LocatedRow::row)
                    .filter(isLive)
                    .ifPresent(old -> net.merge(shape.cut(old, live), -1L, Long::sum));
            edit.after().filter(isLive).ifPresent(row -> net.merge(shape.cut(row, live), 1L, Long::sum));
        }
        return new NetImages(from, counted(net));
    }

    /** Some images by fewer columns: two that differ only in others cancel each other out. */
    public static List<Row> by(List<Row> images, RowShape shape, RowShape columns) {
        Map<Row, Long> net = new LinkedHashMap<>();
        images.forEach(image -> net.merge(shape.cut(image, columns), shape.number(image, NET), Long::sum));
        return counted(net);
    }

    private static List<Row> counted(Map<Row, Long> net) {
        List<Row> rows = new ArrayList<>();
        net.forEach((row, count) -> {
            if (count != 0) {
                rows.add(RowShape.with(row, count));
            }
        });
        return rows;
    }
}
