package headwater.lake.curate;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.first;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.table.CollectedRows;
import headwater.lake.table.RaisedError;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;

/**
 * What makes the rows that a curated table has into those that its SQL gives: rows of the table's columns, and in a last
 * one, {@value #ACTION}, i to insert, u to update, d to delete by the key. A key that is there more than once, as another
 * writer can bring about, is deleted and inserted.
 */
final class TableDifference {
    static final String ACTION = "_action";

    /** Rows that are computed and not present in that form, and keys that are present and no longer computed. */
    static Dataset<Row> of(CuratedSpec spec, Dataset<Row> computed, Dataset<Row> present) {
        Column whole = struct(columns(spec));
        Column isComputed = col("_computed");
        Dataset<Row> sides =
                computed.withColumn("_computed", lit(true)).unionAll(present.withColumn("_computed", lit(false)));
        Column ambiguous = RaisedError.of(ambiguous(spec), DataTypes.BooleanType);
        return sides.groupBy(spec.key().stream().map(TableDifference::column).toArray(Column[]::new))
                .agg(
                        first(when(isComputed, whole), true).as("_new"),
                        first(when(not(isComputed), whole), true).as("_old"),
                        sum(when(isComputed, 1).otherwise(0)).as("_rows"),
                        sum(when(isComputed, 0).otherwise(1)).as("_present"))
                .where(when(col("_rows").gt(1), ambiguous)
                        .otherwise(not(col("_new").eqNullSafe(col("_old")))
                                .or(col("_present").gt(1))))
                .select(differing(spec));
    }

    /** What is wrong with the SQL of a table that gives a key twice. */
    static String ambiguous(CuratedSpec spec) {
        return "the sql of curated table " + spec.name() + " gives more than one row for one value of its key "
                + spec.key() + ". Correct the sql or the key in the pipeline file.";
    }

    private static Column[] differing(CuratedSpec spec) {
        List<Column> columns = new ArrayList<>();
        for (String name : spec.columns().keySet()) {
            columns.add(
                    spec.key().contains(name)
                            ? column(name)
                            : col("_new").getField(name).as(name));
        }
        Column actions = when(col("_new").isNull(), array(lit("d")))
                .when(col("_old").isNull(), array(lit("i")))
                .when(col("_present").gt(1), array(lit("d"), lit("i")))
                .otherwise(array(lit("u")));
        columns.add(explode(actions).as(ACTION));
        return columns.toArray(Column[]::new);
    }

    /** How many rows have an action. */
    static long count(CollectedRows difference, String action, SparkSession session) {
        return difference
                .rows()
                .map(rows -> rows.stream()
                        .filter(row -> row.<String>getAs(ACTION).equals(action))
                        .count())
                .orElseGet(() -> difference
                        .in(session)
                        .where(col(ACTION).equalTo(action))
                        .count());
    }

    /** The columns of the pipeline file, in its order. */
    static Column[] columns(CuratedSpec spec) {
        return spec.columns().keySet().stream().map(TableDifference::column).toArray(Column[]::new);
    }

    static Column column(String name) {
        return col("`" + name + "`");
    }

    private TableDifference() {}
}
