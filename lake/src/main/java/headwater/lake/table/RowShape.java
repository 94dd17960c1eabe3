package headwater.lake.table;

import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The columns of rows that the driver has put together, which do not know the names of their values themselves. */
public record RowShape(StructType columns) {

    /** The text of a row in a column. */
    public @Nullable String text(Row row, String column) {
        return row.getString(columns.fieldIndex(column));
    }

    /** The bigint of a row in a column, which is never null. */
    public long number(Row row, String column) {
        return row.getLong(columns.fieldIndex(column));
    }

    /** The int of a row in a column, which is never null. */
    public int integer(Row row, String column) {
        return row.getInt(columns.fieldIndex(column));
    }

    /** The boolean of a row in a column, which is never null. */
    public boolean flag(Row row, String column) {
        return row.getBoolean(columns.fieldIndex(column));
    }

    /** A row that knows its columns, cut down to these and in their order. */
    public Row of(Row named) {
        Object[] values = new Object[columns.size()];
        for (int at = 0; at < values.length; at++) {
            values[at] = named.getAs(columns.apply(at).name());
        }
        return RowFactory.create(values);
    }

    /** A row of this shape, cut down to the columns of another one and in their order. */
    public Row cut(Row row, RowShape to) {
        Object[] values = new Object[to.columns.size()];
        for (int at = 0; at < values.length; at++) {
            values[at] = row.get(columns.fieldIndex(to.columns.apply(at).name()));
        }
        return RowFactory.create(values);
    }

    /** A row with one more value behind its own. */
    static Row with(Row row, @Nullable Object value) {
        Object[] values = new Object[row.size() + 1];
        for (int at = 0; at < row.size(); at++) {
            values[at] = row.get(at);
        }
        values[row.size()] = value;
        return RowFactory.create(values);
    }
}
