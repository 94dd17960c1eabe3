package headwater.lake.cleanse;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import headwater.lake.pipeline.Rule;
import headwater.lake.pipeline.TableSpec;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
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

    /** Before the names of the source row's own values, which stay until the verdict. */
    private static final String ORIGINAL = "_original_";

    private final TableSpec spec;
    private final StructType source;

    /** @param source the source table's columns, typed */
    Cleansing(TableSpec spec, StructType source) {
        this.spec = spec;
        this.source = source;
    }

    /**
     * Adds the verdict to the cleansed form of source rows: the carried columns, the pipeline's, {@link #RULE} and
     * {@link #SOURCE_ROW}.
     *
     * @param rows with the source's columns and the carried ones
     */
    Dataset<Row> apply(Dataset<Row> rows, List<String> carried) {
        List<Column> kept = new ArrayList<>();
        carried.forEach(name -> kept.add(col(quoted(name))));
        List<Column> normalized = new ArrayList<>(kept);
        List<Column> cleansed = new ArrayList<>(kept);
        List<String> originals = new ArrayList<>();
        for (StructField field : source.fields()) {
            String original = ORIGINAL + field.name();
            originals.add(original);
            normalized.add(normalized(field));
            normalized.add(col(quoted(field.name())).as(original));
            cleansed.add(col(quoted(original)));
        }
        spec.columns().forEach((name, sql) -> cleansed.add(expr(sql).as(name)));
        return rows.select(normalized.toArray(Column[]::new))
                .select(cleansed.toArray(Column[]::new))
                .withColumn(RULE, brokenRule())
                .withColumn(
                        SOURCE_ROW,
                        // texts only of the few that break a rule: most rows never become any
                        when(col(RULE).isNotNull(), to_json(texts(), Map.of("ignoreNullFields", "false"))))
                .drop(originals.toArray(String[]::new));
    }

    private static final UserDefinedFunction PLAIN = udf(
            (UDF1<BigDecimal, String>) number -> number == null ? null : number.toPlainString(), DataTypes.StringType);

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

    private Column texts() {
        List<Column> texts = new ArrayList<>();
        for (StructField field : source.fields()) {
            texts.add(
                    text(col(quoted(ORIGINAL + field.name())), field.dataType()).as(field.name()));
        }
        return struct(texts.toArray(Column[]::new));
    }

    /** As PostgreSQL writes the value, and raw/changes has it: never 0E-8, and a moment with its zone. */
    private static Column text(Column value, DataType type) {
        if (type instanceof DecimalType) {
            return PLAIN.apply(value);
        }
        Column text = value.cast(DataTypes.StringType);
        return type.equals(DataTypes.TimestampType) ? concat(text, lit("+00")) : text;
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
}
