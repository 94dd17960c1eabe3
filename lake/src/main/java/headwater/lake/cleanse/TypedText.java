package headwater.lake.cleanse;

import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.when;

import headwater.lake.contract.SourceTable;
import headwater.lake.delta.RaisedError;
import java.util.Arrays;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Reads the JSON texts of raw/changes into the column types that the loads of the same table have. */
final class TypedText {

    /** A JSON object as a struct of texts; columns that are absent are null. */
    static Column parsed(Column json, StructType columns) {
        StructField[] texts = Arrays.stream(columns.fields())
                .map(field -> DataTypes.createStructField(field.name(), DataTypes.StringType, true))
                .toArray(StructField[]::new);
        return from_json(json, new StructType(texts), Map.of("mode", "FAILFAST"));
    }

    /** A text in a column's type; a text that is not of the type stops the merge instead of becoming null. */
    static Column typed(Column text, StructField field, SourceTable table) {
        if (field.dataType().equals(DataTypes.StringType)) {
            return text;
        }
        Column value = text.cast(field.dataType());
        Column error = RaisedError.of(
                "a change of " + table + " has a value in column " + field.name() + " that is not a "
                        + field.dataType().simpleString() + ", the type in raw/snapshots/" + table
                        + ". Where the column's type was changed in the source, load the table again.",
                field.dataType());
        return when(text.isNotNull().and(value.isNull()), error).otherwise(value);
    }

    private TypedText() {}
}
