package headwater.lake.cleanse;

import static org.apache.spark.sql.functions.from_json;

import java.util.Arrays;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Reads the JSON texts of raw/changes, values of any length; one that cannot be read stops the merge and is never null. */
final class RawJson {
    /** Without the limit Spark's parser refuses a value of more than 20 million characters. */
    private static final Map<String, String> OPTIONS =
            Map.of("mode", "FAILFAST", "maxStringLen", String.valueOf(Integer.MAX_VALUE));

    private static final DataType TEXTS = DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType);
    private static final DataType NAMES = DataTypes.createArrayType(DataTypes.StringType);

    /** An object as a struct of texts; columns that are absent are null. */
    static Column columns(Column json, StructType columns) {
        StructField[] texts = Arrays.stream(columns.fields())
                .map(field -> DataTypes.createStructField(field.name(), DataTypes.StringType, true))
                .toArray(StructField[]::new);
        return from_json(json, new StructType(texts), OPTIONS);
    }

    /** An object as a map of texts. */
    static Column texts(Column json) {
        return from_json(json, TEXTS, OPTIONS);
    }

    /** An array of names. */
    static Column names(Column json) {
        return from_json(json, NAMES, OPTIONS);
    }

    private RawJson() {}
}
