package headwater.lake.cleanse;

import static headwater.lake.cleanse.Cleansing.quoted;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.map_concat;
import static org.apache.spark.sql.functions.map_from_entries;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;

import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.raw.RawChanges;
import headwater.lake.raw.SourceLoad;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.collection.JavaConverters;

/**
 * PostgreSQL does not send a large (TOAST) value that a change left alone. This finds the value that the row had before:
 * in an earlier change or in a load, under the old key where the key changed. It reads the history of the table, so it
 * is only used for increments that lack values; REPLICA IDENTITY FULL makes the source send them.
 */
final class UnchangedValues {
    private static final DataType NAMES = DataTypes.createArrayType(DataTypes.StringType);
    private static final Map<String, String> WITH_NULLS = Map.of("ignoreNullFields", "false");

    private static final List<String> ROW = List.of("row_key", "row_lsn", "row_order");
    private static final List<String> VALUE = List.of("row_key", "row_lsn", "row_order", "column");

    private final SourceLoad loads;
    private final TableSpec spec;
    private final LastChanges reduction;
    private final StructType source;

    /** @param source the columns of the table's loads, typed */
    UnchangedValues(SourceLoad loads, TableSpec spec, LastChanges reduction, StructType source) {
        this.loads = loads;
        this.spec = spec;
        this.reduction = reduction;
        this.source = source;
    }

    /**
     * The changes with every value in {@code after}.
     *
     * @param from the position that they come after
     * @param to the position up to which they reach
     */
    Dataset<Row> fill(Dataset<Row> changes, RawChanges raw, long from, long to) {
        Dataset<Row> keyed = keyed(changes);
        Dataset<Row> found = found(wanted(keyed), history(raw, from, to))
                .groupBy(columns(ROW))
                .agg(map_from_entries(collect_list(struct("column", "value"))).as("found"));
        return joined(keyed, found).select(columns(List.of(changes.columns())));
    }

    private static Dataset<Row> joined(Dataset<Row> keyed, Dataset<Row> found) {
        Column filled = to_json(map_concat(RawJson.texts(col("after")), col("found")), WITH_NULLS);
        return keyed.join(
                        found,
                        col("row_key")
                                .equalTo(col("at_key"))
                                .and(col("row_lsn").equalTo(col("commit_lsn")))
                                .and(col("row_order").equalTo(col("tx_order"))),
                        "left_outer")
                .withColumn("after", when(col("found").isNull(), col("after")).otherwise(filled));
    }

    /** One row per missing value: whose it is, and the key and position before which it is looked up. */
    private static Dataset<Row> wanted(Dataset<Row> keyed) {
        return keyed.where(col("unchanged").isNotNull())
                .select(
                        col("at_key").as("row_key"),
                        col("commit_lsn").as("row_lsn"),
                        col("tx_order").as("row_order"),
                        explode(RawJson.names(col("unchanged"))).as("column"),
                        coalesce(col("left_key"), col("at_key")).as("in_key"),
                        col("commit_lsn").as("before_lsn"),
                        col("tx_order").as("before_order"));
    }

    /** Looks the values up, and on under the old key while the newest trace is a key change without the value. */
    private Dataset<Row> found(Dataset<Row> wanted, Dataset<Row> history) {
        Dataset<Row> all = null;
        Dataset<Row> open = wanted.localCheckpoint();
        while (true) {
            Dataset<Row> traced = traced(open, history).localCheckpoint();
            refuseUntraceable(traced);
            Dataset<Row> known = traced.where("trace.known").select(columns(VALUE, col("trace.value")));
            all = all == null ? known : all.unionByName(known);
            open = traced.where("NOT trace.known")
                    .select(columns(
                            VALUE,
                            col("trace.left_key").as("in_key"),
                            col("trace.h_lsn").as("before_lsn"),
                            col("trace.h_order").as("before_order")));
            if (open.isEmpty()) {
                return all;
            }
        }
    }

    /** The newest state before each position that has the value, or says under which key it was before. */
    private static Dataset<Row> traced(Dataset<Row> open, Dataset<Row> history) {
        Column earlier = col("h_lsn")
                .lt(col("before_lsn"))
                .or(col("h_lsn").equalTo(col("before_lsn")).and(col("h_order").lt(col("before_order"))));
        Column known = not(array_contains(col("h_unchanged"), col("column")));
        Dataset<Row> traces = history.join(
                        broadcast(open), col("h_key").equalTo(col("in_key")).and(earlier))
                .where(known.or(col("h_left_key").isNotNull()))
                .withColumn(
                        "trace",
                        struct(
                                known.as("known"),
                                element_at(col("h_values"), col("column")).as("value"),
                                col("h_left_key").as("left_key"),
                                col("h_lsn"),
                                col("h_order")))
                .groupBy(columns(VALUE))
                .agg(max_by(col("trace"), struct("h_lsn", "h_order")).as("trace"));
        return open.join(traces, JavaConverters.asScalaBuffer(VALUE).toSeq(), "left_outer");
    }

    private void refuseUntraceable(Dataset<Row> traced) {
        List<Row> lost = traced.where("trace IS NULL").select("column").takeAsList(1);
        if (!lost.isEmpty()) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot merge raw/changes into cleansed/" + spec.name() + ": a change did not carry column "
                            + lost.get(0).getString(0)
                            + " (an unchanged TOAST value), and neither an earlier change nor a load has it. Run ALTER TABLE "
                            + spec.source().sql() + " REPLICA IDENTITY FULL and load the table again.");
        }
    }

    /** Every known state of the table's rows: the load, and the changes after it that carry a row. */
    private Dataset<Row> history(RawChanges raw, long from, long to) {
        OptionalLong base = loads.newest(from);
        Dataset<Row> changes = keyed(raw.all()
                        .where(col("source_schema").equalTo(spec.source().schema()))
                        .where(col("source_table").equalTo(spec.source().name()))
                        .where(col("source_epoch").equalTo(loads.epoch()))
                        .where(col("after")
                                .isNotNull()
                                .and(col("commit_lsn").gt(base.orElse(-1)))
                                .and(col("commit_lsn").leq(to))))
                .select(
                        col("at_key").as("h_key"),
                        col("commit_lsn").as("h_lsn"),
                        col("tx_order").as("h_order"),
                        coalesce(RawJson.names(col("unchanged")), array().cast(NAMES))
                                .as("h_unchanged"),
                        col("left_key").as("h_left_key"),
                        RawJson.texts(col("after")).as("h_values"));
        return base.isPresent() ? changes.unionByName(loaded(base.getAsLong())) : changes;
    }

    /** The rows of a load, in the types that the table's loads have now, whatever they were then. */
    private Dataset<Row> loaded(long lsn) {
        Dataset<Row> load = loads.written(lsn);
        Set<String> there = Set.of(load.columns());
        List<Column> key = new ArrayList<>();
        spec.key()
                .forEach(name -> key.add(
                        col(quoted(name)).cast(source.apply(name).dataType()).as(name)));
        List<Column> texts = new ArrayList<>();
        List<Column> absent = new ArrayList<>();
        for (String name : source.fieldNames()) {
            if (there.contains(name)) {
                texts.add(lit(name));
                texts.add(col(quoted(name)).cast(DataTypes.StringType));
            } else {
                absent.add(lit(name));
            }
        }
        return load.select(
                to_json(struct(key.toArray(Column[]::new))).as("h_key"),
                lit(lsn).as("h_lsn"),
                lit(0L).as("h_order"),
                array(absent.toArray(Column[]::new)).cast(NAMES).as("h_unchanged"),
                lit(null).cast(DataTypes.StringType).as("h_left_key"),
                map(texts.toArray(Column[]::new)).as("h_values"));
    }

    /** Adds the key of each change, and the one that it left, as JSON text in the same form as that of a load. */
    private Dataset<Row> keyed(Dataset<Row> changes) {
        Column nothing = lit(null).cast(DataTypes.StringType);
        return changes.withColumn(
                        "at_key",
                        when(col("after").isNotNull(), to_json(reduction.key(col("key"), col("after"), col("before")))))
                .withColumn(
                        "left_key",
                        when(col("old_key").isNotNull(), to_json(reduction.key(col("old_key"), nothing, nothing))));
    }

    private static Column[] columns(List<String> names, Column... further) {
        List<Column> columns = new ArrayList<>();
        names.forEach(name -> columns.add(col(name)));
        columns.addAll(List.of(further));
        return columns.toArray(Column[]::new);
    }
}
