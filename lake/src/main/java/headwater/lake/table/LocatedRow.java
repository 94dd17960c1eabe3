package headwater.lake.table;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * A row of a table and where it stands.
 *
 * @param file name of its file
 * @param index its place in the file
 */
public record LocatedRow(Row row, String file, long index) {

    private static final String FILE = "_file";
    private static final String INDEX = "_index";

    /** Rows of a table with two further columns, for {@link #of}. */
    static Dataset<Row> located(Dataset<Row> rows, StructType schema) {
        List<Column> columns = new ArrayList<>();
        for (String name : schema.fieldNames()) {
            columns.add(KeyColumns.column(name));
        }
        columns.add(col("_metadata.file_path").as(FILE));
        columns.add(col("_metadata.row_index").as(INDEX));
        return rows.select(columns.toArray(Column[]::new));
    }

    /** A row of {@link #located}, of a table with these columns. */
    static LocatedRow of(Row row, RowShape shape) {
        return new LocatedRow(shape.of(row), name(row.getAs(FILE)), row.getAs(INDEX));
    }

    /** The name of a file that is all of a path behind its folders. */
    static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
