package headwater.lake.delta;

import java.util.Optional;
import org.apache.spark.sql.Row;

/**
 * A change of one row of a table: an old row, a new row, or both.
 *
 * @param before the row as it was found, or empty for an insert
 * @param after the row with the table's columns in order, or empty for a delete
 */
public record RowEdit(Optional<FoundRow> before, Optional<Row> after) {

    public RowEdit {
        if (before.isEmpty() && after.isEmpty()) {
            throw new IllegalArgumentException("An edit needs an old row or a new one");
        }
    }

    public static RowEdit insert(Row row) {
        return new RowEdit(Optional.empty(), Optional.of(row));
    }

    public static RowEdit update(FoundRow before, Row after) {
        return new RowEdit(Optional.of(before), Optional.of(after));
    }

    public static RowEdit delete(FoundRow before) {
        return new RowEdit(Optional.of(before), Optional.empty());
    }
}
