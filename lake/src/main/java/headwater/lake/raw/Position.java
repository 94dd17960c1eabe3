package headwater.lake.raw;

import headwater.lake.contract.CleansedColumns;
import headwater.lake.table.RowShape;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * Where a change stands among all changes of the source.
 *
 * @param epoch source epoch
 * @param commitLsn END LSN of its transaction
 * @param order its place within the transaction; 0 for a loaded row
 */
public record Position(int epoch, long commitLsn, long order) implements Comparable<Position> {

    @Override
    public int compareTo(Position other) {
        return Comparator.comparingInt(Position::epoch)
                .thenComparingLong(Position::commitLsn)
                .thenComparingLong(Position::order)
                .compare(this, other);
    }

    /** That of a row with the position columns of cleansed and rejected tables. */
    public static Position of(Row row, RowShape shape) {
        return new Position(
                shape.integer(row, CleansedColumns.EPOCH),
                shape.number(row, CleansedColumns.COMMIT_LSN),
                shape.number(row, CleansedColumns.ORDER));
    }

    /** Spark SQL: row {@code left} is newer than row {@code right}; both have the columns of cleansed tables. */
    public static String newer(String left, String right) {
        return newer(ofRow(left), ofRow(right));
    }

    /** Spark SQL: this position is newer than a row with the columns of cleansed tables. */
    public String newerThanRow(String row) {
        return newer(literals(), ofRow(row));
    }

    /** Spark SQL: a row of raw/changes is newer than this position. */
    public String olderThanChange() {
        return newer(List.of("source_epoch", "commit_lsn", "tx_order"), literals());
    }

    private List<String> literals() {
        return List.of(String.valueOf(epoch), commitLsn + "L", order + "L");
    }

    private static List<String> ofRow(String row) {
        return List.of(
                row + "." + CleansedColumns.EPOCH,
                row + "." + CleansedColumns.COMMIT_LSN,
                row + "." + CleansedColumns.ORDER);
    }

    private static String newer(List<String> left, List<String> right) {
        return String.format(
                "(%1$s > %4$s OR (%1$s = %4$s AND (%2$s > %5$s OR (%2$s = %5$s AND %3$s > %6$s))))",
                left.get(0), left.get(1), left.get(2), right.get(0), right.get(1), right.get(2));
    }
}
