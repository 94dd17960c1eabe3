package headwater.lake.cleanse;

import static headwater.lake.cleanse.Cleansing.quoted;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import headwater.lake.contract.CleansedColumns;
import headwater.lake.contract.LoadColumns;
import headwater.lake.pipeline.TableSpec;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The cleansed rows of a load, in the shape that {@link LastChanges} gives to those of changes. */
final class InitialRows {

    /** @param load rows of raw/snapshots of one load */
    static Dataset<Row> of(TableSpec spec, Dataset<Row> load) {
        Dataset<Row> rows = new Cleansing(spec, CleansedSchema.sourceColumns(load.schema()))
                .apply(load, List.of(LoadColumns.EPOCH, LoadColumns.LOAD_LSN));
        Column valid = col(Cleansing.RULE).isNull();
        List<Column> columns = new ArrayList<>();
        for (String name : spec.columns().keySet()) {
            Column value = col(quoted(name));
            columns.add(spec.key().contains(name) ? value : when(valid, value).as(name));
        }
        columns.add(col(LoadColumns.EPOCH).as(CleansedColumns.EPOCH));
        columns.add(col(LoadColumns.LOAD_LSN).as(CleansedColumns.COMMIT_LSN));
        columns.add(lit(0L).as(CleansedColumns.ORDER));
        columns.add(not(valid).as(CleansedColumns.DELETED));
        columns.add(col(Cleansing.RULE).as(CleansedColumns.REASON));
        columns.add(col(Cleansing.RULE));
        columns.add(col(Cleansing.SOURCE_ROW));
        return rows.select(columns.toArray(Column[]::new));
    }

    private InitialRows() {}
}
