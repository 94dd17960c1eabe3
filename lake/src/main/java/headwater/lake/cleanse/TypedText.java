package headwater.lake.cleanse;

import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import headwater.lake.pipeline.TableSpec;
import headwater.lake.table.RaisedError;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructField;

/** Reads the JSON texts of raw/changes into the column types that the loads of the same table have. */
final class TypedText {
    private static final String WHOLE = "-?\\d+";
    private static final String DAY = "\\d{4}-\\d\\d-\\d\\d";
    private static final String MOMENT = DAY + " \\d\\d:\\d\\d:\\d\\d(\\.\\d{1,6})?";
    private static final Map<DataType, String> FORMS = Map.of(
            DataTypes.ShortType, WHOLE,
            DataTypes.IntegerType, WHOLE,
            DataTypes.LongType, WHOLE,
            DataTypes.DateType, DAY,
            DataTypes.TimestampNTZType, MOMENT,
            DataTypes.TimestampType, MOMENT + "\\+00");

    /**
     * A text in a column's type; a text that the type does not hold as it is stops the merge instead of becoming null or
     * another value, which Spark's own cast would let it: 1.5 become 1, a day lose its time, a year its era.
     */
    static Column typed(Column text, StructField field, TableSpec table) {
        if (field.dataType().equals(DataTypes.StringType)) {
            return text;
        }
        Column value = text.cast(field.dataType());
        Column held = form(field.dataType())
                .map(form -> value.isNotNull().and(text.rlike("^" + form + "\\z")))
                .orElse(value.isNotNull());
        Column error = RaisedError.of(
                "a change of " + table.source() + " has a value in column " + field.name() + " that is not a "
                        + field.dataType().simpleString() + ", the type in raw/snapshots/" + table.source()
                        + ". Where the column's type was changed in the source, load the table again; where it holds what the lake's type does not"
                        + ", such as infinity, NaN or a time outside the years 1 to 9999, name it in tables."
                        + table.name() + ".asText of the pipeline file and load the table again.",
                field.dataType());
        return when(text.isNotNull().and(not(held)), error).otherwise(value);
    }

    /** A regular expression of what PostgreSQL writes of values that the type holds; empty where the cast is strict. */
    private static Optional<String> form(DataType type) {
        if (type instanceof DecimalType decimal) {
            return Optional.of("-?\\d+" + (decimal.scale() == 0 ? "" : "(\\.\\d{1," + decimal.scale() + "})?"));
        }
        return Optional.ofNullable(FORMS.get(type));
    }

    private TypedText() {}
}
