package headwater.lake.cleanse;

import static headwater.lake.cleanse.Cleansing.quoted;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.desc;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import headwater.lake.contract.CleansedColumns;
import headwater.lake.contract.Operation;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.raw.ChangeCounts;
import headwater.lake.raw.ChangeRow;
import headwater.lake.raw.Position;
import headwater.lake.table.RaisedError;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Reduces the changes of one table to the last one of each key, and cleanses it. A key update is a delete of the old key
 * and an insert of the new one; both keys are reduced by themselves.
 */
final class LastChanges {
    private static final String KEY = "_key";
    /** Rows up to which the planner may compute the result itself, which takes no job but interprets row by row. */
    private static final int MOST_PLANNED = 500;

    private final TableSpec spec;
    private final StructType source;
    private final StructType keyColumns;

    /** @param source the columns of the table's loads, typed */
    LastChanges(TableSpec spec, StructType source) {
        this.spec = spec;
        this.source = source;
        StructType columns = new StructType();
        for (String key : spec.key()) {
            columns = columns.add(source.apply(key));
        }
        this.keyColumns = columns;
    }

    /**
     * One row per key: the columns of the cleansed table, {@link Cleansing#RULE} and {@link Cleansing#SOURCE_ROW}. A
     * deleted or invalid row has nothing but its key and position.
     *
     * @param changes rows of raw/changes of this table
     */
    Dataset<Row> of(Dataset<Row> changes, ChangeCounts counts) {
        Dataset<Row> live = changes.where(col("op").notEqual(Operation.TRUNCATE.code()));
        if (counts.truncate().isPresent()) {
            live = live.where(counts.truncate().get().olderThanChange());
        }
        Dataset<Row> keyed = live.withColumn(KEY, key(col("key"), col("after"), col("before")));
        if (counts.images() > 0) {
            keyed = keyed.unionByName(leftKeys(live));
        }
        Dataset<Row> last = keyed.withColumn(
                        "_place",
                        row_number().over(Window.partitionBy(KEY).orderBy(desc("commit_lsn"), desc("tx_order"))))
                .where("_place = 1");
        return cleansed(last);
    }

    /**
     * The same of changes that the driver holds and that have no old row, without a Spark job if they are few. One key may
     * remain under several texts: see {@link #newestOfEachKey}.
     */
    Dataset<Row> of(List<Row> changes, ChangeCounts counts, SparkSession session, StructType shape) {
        Map<String, Row> last = new LinkedHashMap<>();
        for (Row change : changes) {
            Position at = ChangeRow.position(change);
            boolean truncated = counts.truncate()
                    .map(truncate -> at.compareTo(truncate) <= 0)
                    .orElse(false);
            if (!truncated) {
                last.merge(
                        keyText(change),
                        change,
                        (one, other) -> ChangeRow.position(one).compareTo(ChangeRow.position(other)) > 0 ? one : other);
            }
        }
        Dataset<Row> rows = session.createDataFrame(List.copyOf(last.values()), shape);
        if (last.size() > MOST_PLANNED) {
            rows = rows.repartition(session.sparkContext().defaultParallelism());
        }
        return cleansed(rows.withColumn(KEY, key(col("key"), col("after"), col("before"))));
    }

    /** Equal for changes of one key only: where the source's key is another one than the pipeline's, each stands alone. */
    private String keyText(Row change) {
        String key = ChangeRow.key(change);
        return key != null && spec.key().stream().allMatch(name -> key.contains(member(name)))
                ? key
                : ChangeRow.position(change).toString();
    }

    /** How a member of a JSON object begins; within a value its quotes would be escaped. */
    private static String member(String name) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(name)) + "\":";
    }

    /** One row per typed key: one key has several texts where the type takes 1.0 and 1.00 for the same. */
    List<Row> newestOfEachKey(List<Row> rows) {
        Map<List<Object>, Row> newest = new LinkedHashMap<>();
        for (Row row : rows) {
            newest.merge(
                    spec.key().stream().map(name -> value(row, name)).toList(),
                    row,
                    (one, other) -> position(one).compareTo(position(other)) > 0 ? one : other);
        }
        return newest.size() == rows.size() ? rows : List.copyOf(newest.values());
    }

    /** Equal for equal values: a decimal by its number, bytes by their content. */
    private static Object value(Row row, String name) {
        Object value = row.getAs(name);
        if (value instanceof BigDecimal number) {
            return number.stripTrailingZeros();
        }
        return value instanceof byte[] bytes ? ByteBuffer.wrap(bytes) : value;
    }

    private static Position position(Row row) {
        return new Position(
                row.getAs(CleansedColumns.EPOCH),
                row.getAs(CleansedColumns.COMMIT_LSN),
                row.getAs(CleansedColumns.ORDER));
    }

    /**
     * The key of a change, typed. Columns of the replica identity are in {@code key}; others are in the new row, or in
     * the old one under REPLICA IDENTITY FULL.
     */
    Column key(Column key, Column after, Column before) {
        List<Column> fields = new ArrayList<>();
        for (StructField field : keyColumns.fields()) {
            Column text = coalesce(
                    RawJson.columns(key, keyColumns).getField(field.name()),
                    RawJson.columns(after, keyColumns).getField(field.name()),
                    RawJson.columns(before, keyColumns).getField(field.name()));
            Column missing = RaisedError.of(
                    "a change of " + spec.source() + " has no value for " + field.name()
                            + ", which is in the key of table " + spec.name() + ". Run ALTER TABLE "
                            + spec.source().sql()
                            + " REPLICA IDENTITY FULL and load the table again, or name the columns of the replica identity as the key.",
                    field.dataType());
            fields.add(when(text.isNull(), missing)
                    .otherwise(TypedText.typed(text, field, spec))
                    .as(field.name()));
        }
        return struct(fields.toArray(Column[]::new));
    }

    /** Under REPLICA IDENTITY FULL an update may leave a key that the primary key does not show: a delete of it. */
    private Dataset<Row> leftKeys(Dataset<Row> changes) {
        Column nothing = lit(null).cast("string");
        return changes.where(col("op")
                        .equalTo(Operation.UPDATE.code())
                        .and(col("before").isNotNull()))
                .withColumn(KEY, key(nothing, col("before"), nothing))
                .where(not(col(KEY).eqNullSafe(key(nothing, col("after"), nothing))))
                .withColumn("op", lit(Operation.DELETE.code()))
                .withColumn("after", nothing);
    }

    private Dataset<Row> cleansed(Dataset<Row> last) {
        List<Column> typed = new ArrayList<>();
        for (StructField field : source.fields()) {
            Column text = col("_after").getField(field.name());
            typed.add(TypedText.typed(text, field, spec).as(field.name()));
        }
        List<String> carried =
                List.of(KEY, CleansedColumns.EPOCH, CleansedColumns.COMMIT_LSN, CleansedColumns.ORDER, "_op");
        carried.forEach(name -> typed.add(col(name)));
        Dataset<Row> rows = last.select(
                        RawJson.columns(col("after"), source).as("_after"),
                        col(KEY),
                        col("source_epoch").as(CleansedColumns.EPOCH),
                        col("commit_lsn").as(CleansedColumns.COMMIT_LSN),
                        col("tx_order").as(CleansedColumns.ORDER),
                        col("op").as("_op"))
                .select(typed.toArray(Column[]::new));
        return withTombstones(new Cleansing(spec, source).apply(rows, carried));
    }

    private Dataset<Row> withTombstones(Dataset<Row> rows) {
        Column deleted = col("_op").equalTo(Operation.DELETE.code());
        Column live = not(deleted).and(col(Cleansing.RULE).isNull());
        List<Column> columns = new ArrayList<>();
        for (String name : spec.columns().keySet()) {
            columns.add(
                    spec.key().contains(name)
                            ? col(KEY).getField(name).as(name)
                            : when(live, col(quoted(name))).as(name));
        }
        columns.add(col(CleansedColumns.EPOCH));
        columns.add(col(CleansedColumns.COMMIT_LSN));
        columns.add(col(CleansedColumns.ORDER));
        columns.add(not(live).as(CleansedColumns.DELETED));
        columns.add(when(deleted, CleansedColumns.REASON_DELETED)
                .otherwise(col(Cleansing.RULE))
                .as(CleansedColumns.REASON));
        columns.add(when(not(deleted), col(Cleansing.RULE)).as(Cleansing.RULE));
        columns.add(when(not(deleted), col(Cleansing.SOURCE_ROW)).as(Cleansing.SOURCE_ROW));
        return rows.select(columns.toArray(Column[]::new));
    }
}
