package headwater.lake.table;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.util.Collection;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * The key of a table's rows.
 *
 * @param names its columns
 * @param schema of the table
 */
record KeyColumns(List<String> names, StructType schema) {

    /** The key of a row that has the table's columns in order. */
    public Row of(Row row) {
        return RowFactory.create(
                names.stream().map(name -> row.get(schema.fieldIndex(name))).toArray());
    }

    /** Rows with one of the keys, {@code left_semi}, or without, {@code left_anti}. */
    Dataset<Row> join(Dataset<Row> rows, Collection<Row> keys, String type) {
        StructType shape = new StructType();
        Column match = lit(true);
        for (String name : names) {
            shape = shape.add("_key_" + name, schema.apply(name).dataType());
            match = match.and(column(name).eqNullSafe(column("_key_" + name)));
        }
        return rows.join(broadcast(rows.sparkSession().createDataFrame(List.copyOf(keys), shape)), match, type);
    }

    static Column column(String name) {
        return col("`" + name + "`");
    }
}
