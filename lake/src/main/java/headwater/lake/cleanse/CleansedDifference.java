package headwater.lake.cleanse;

import static headwater.lake.cleanse.Cleansing.quoted;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.first;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import headwater.lake.contract.CleansedColumns;
import headwater.lake.contract.RejectedColumns;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.raw.Position;
import headwater.lake.table.RaisedError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * What makes the rows of a table into those that it has to hold: rows in the shape of {@link LastChanges}, one for each
 * key under which the two differ.
 */
final class CleansedDifference {
    private static final String WANTED = "_wanted";
    private static final String PRESENT = "_present";

    /**
     * Of a cleansed table. A row that differs by its position alone stays as it is, unless it claims to be newer than the
     * wanted one and so would keep off later changes.
     *
     * @param wanted in the shape of {@link LastChanges}
     * @param gone what becomes of present rows that are not wanted
     */
    static Dataset<Row> of(TableSpec spec, Dataset<Row> wanted, Dataset<Row> present, Tombstone gone) {
        Column same = Stream.concat(
                        spec.columns().keySet().stream(), Stream.of(CleansedColumns.DELETED, CleansedColumns.REASON))
                .map(name -> same(name, name))
                .reduce(Column::and)
                .orElseThrow();
        Column vanished = col(WANTED).isNull();
        Column differs = when(vanished, expr(Tombstone.isNoneOf(PRESENT)))
                .when(col(PRESENT).isNull(), true)
                .otherwise(not(same).or(expr(Position.newer(PRESENT, WANTED))));
        Map<String, Column> tombstone = gone.columns(spec);
        List<Column> columns = new ArrayList<>();
        for (String name : wanted.columns()) {
            Column value = col(WANTED).getField(name);
            Column instead = tombstone.getOrDefault(quoted(name), lit(null));
            columns.add(
                    spec.key().contains(name)
                            ? col(quoted(name))
                            : when(vanished, instead).otherwise(value).as(name));
        }
        return sides(spec, "cleansed", wanted, present).where(differs).select(columns.toArray(Column[]::new));
    }

    /**
     * Of a table of rejected rows; a row without a rule takes away the one with its key.
     *
     * @param wanted key, {@link Cleansing#RULE}, {@link Cleansing#SOURCE_ROW} and position
     */
    static Dataset<Row> ofRejected(TableSpec spec, Dataset<Row> wanted, Dataset<Row> present) {
        Column same =
                same(Cleansing.RULE, RejectedColumns.RULE).and(same(Cleansing.SOURCE_ROW, RejectedColumns.SOURCE_ROW));
        List<String> position = List.of(RejectedColumns.EPOCH, RejectedColumns.COMMIT_LSN, RejectedColumns.ORDER);
        List<Column> columns = new ArrayList<>();
        for (String name : wanted.columns()) {
            Column value = col(WANTED).getField(name);
            Column either =
                    position.contains(name) ? coalesce(value, col(PRESENT).getField(name)) : value;
            columns.add(spec.key().contains(name) ? col(quoted(name)) : either.as(name));
        }
        return sides(spec, "rejected", wanted, present)
                .where(not(same).or(expr(Position.newer(PRESENT, WANTED))))
                .select(columns.toArray(Column[]::new));
    }

    /** Per key its wanted row and its present one; null where there is none. */
    private static Dataset<Row> sides(TableSpec spec, String zone, Dataset<Row> wanted, Dataset<Row> present) {
        Column[] key = spec.key().stream().map(name -> col(quoted(name))).toArray(Column[]::new);
        Column doubled = RaisedError.of(
                zone + "/" + spec.name() + " or the load of " + spec.source()
                        + " holds a key more than once, which only "
                        + "a hand or a wrong key in the pipeline file can have done. Correct it, or remove cleansed/"
                        + spec.name()
                        + " and rejected/" + spec.name() + " from the lake and run \"./headwater backfill --table "
                        + spec.name() + "\".",
                DataTypes.BooleanType);
        Dataset<Row> left =
                wanted.select(columns(key, row(wanted).as(WANTED), none(present).as(PRESENT)));
        Dataset<Row> right = present.select(
                columns(key, none(wanted).as(WANTED), row(present).as(PRESENT)));
        return left.unionByName(right)
                .groupBy(key)
                .agg(
                        first(WANTED, true).as(WANTED),
                        first(PRESENT, true).as(PRESENT),
                        count(WANTED).as("_wanteds"),
                        count(PRESENT).as("_presents"))
                .where(when(col("_wanteds").gt(1).or(col("_presents").gt(1)), doubled)
                        .otherwise(true));
    }

    private static Column row(Dataset<Row> rows) {
        return struct(Stream.of(rows.columns()).map(name -> col(quoted(name))).toArray(Column[]::new));
    }

    private static Column none(Dataset<Row> rows) {
        DataType type = rows.select(row(rows)).schema().fields()[0].dataType();
        return lit(null).cast(type);
    }

    private static Column same(String wanted, String present) {
        return col(WANTED).getField(wanted).eqNullSafe(col(PRESENT).getField(present));
    }

    private static Column[] columns(Column[] key, Column... further) {
        return Stream.of(key, further).flatMap(Stream::of).toArray(Column[]::new);
    }

    private CleansedDifference() {}
}
