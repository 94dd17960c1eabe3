package headwater.lake.cleanse;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;

import headwater.lake.pipeline.Rule;
import headwater.lake.pipeline.TableSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What the pipeline file says about one table, as a function from source rows to cleansed rows. The load and the stream
 * of changes both pass through it, so they agree.
 */
final class Cleansing {
    /** STRING: the first rule that the row breaks, null for a valid row. */
    static final String RULE = "_rule";
    /** STRING: the source row of an invalid row as JSON text, else null. */
    static final String SOURCE_ROW = "_source_row";

    private static final String ORIGINAL = "_original";

    private final TableSpec spec;
    private final StructType source;

    /** @param source the source table's columns, typed */
    Cleansing(TableSpec spec, StructType source) {
        this.spec = spec;
        this.source = source;
    }

    /**
     * Adds the verdict to the cleansed form of source rows: the pipeline's columns, the carried ones, {@link #RULE} and
     * {@link #SOURCE_ROW}.
     *
     * @param rows with the source's columns and the carried ones
     */
    Dataset<Row> apply(Dataset<Row> rows, List<String> carried) {
        List<Column> kept = carried.stream().map(name -> col(quoted(name))).toList();
        Dataset<Row> normalized = rows.select(columns(source.fields(), this::normalized, kept, original()));
        List<Column> cleansed = new ArrayList<>();
        spec.columns().forEach((name, sql) -> cleansed.add(expr(sql).as(name)));
        cleansed.addAll(kept);
        cleansed.add(col(ORIGINAL));
        return normalized
                .select(cleansed.toArray(Column[]::new))
                .withColumn(RULE, brokenRule())
                .withColumn(
                        SOURCE_ROW,
                        when(col(RULE).isNotNull(), to_json(col(ORIGINAL), Map.of("ignoreNullFields", "false"))))
                .drop(ORIGINAL);
    }

    static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    private Column normalized(StructField field) {
        Column value = col(quoted(field.name()));
        boolean text = field.dataType().equals(DataTypes.StringType);
        if (!spec.normalizeText() || !text || spec.key().contains(field.name())) {
            return value;
        }
        return NormalizedText.of(value).as(field.name());
    }

    private Column original() {
        List<Column> texts = new ArrayList<>();
        for (StructField field : source.fields()) {
            texts.add(col(quoted(field.name())).cast(DataTypes.StringType).as(field.name()));
        }
        return struct(texts.toArray(Column[]::new)).as(ORIGINAL);
    }

    private Column brokenRule() {
        Column broken = lit(null).cast(DataTypes.StringType);
        for (int at = spec.rules().size() - 1; at >= 0; at--) {
            Rule rule = spec.rules().get(at);
            broken = when(not(coalesce(expr(rule.condition()), lit(false))), rule.name())
                    .otherwise(broken);
        }
        return broken;
    }

    private static Column[] columns(
            StructField[] fields,
            java.util.function.Function<StructField, Column> value,
            List<Column> further,
            Column last) {
        List<Column> columns = new ArrayList<>();
        for (StructField field : fields) {
            columns.add(value.apply(field));
        }
        columns.addAll(further);
        columns.add(last);
        return columns.toArray(Column[]::new);
    }
}
