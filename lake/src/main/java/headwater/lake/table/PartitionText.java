package headwater.lake.table;

import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StringType;
import org.jspecify.annotations.Nullable;
import scala.Option;

/** Values of partition columns as Delta's log has them: Delta transaction log protocol, "Partition Value Serialization". */
final class PartitionText {
    private static final Option<String> ZONE = Option.apply("UTC");

    /** Whether every value of a type has one text, from which it is read back. */
    static boolean isPlain(DataType type) {
        return type instanceof StringType
                || type instanceof IntegralType
                || type instanceof BooleanType
                || type instanceof DateType;
    }

    /** The text of a value of a plain type, null for null and, as Spark has it, for an empty text. */
    static @Nullable String of(@Nullable Object value, DataType type) {
        Object text = cast(Literal.create(value, type), DataTypes.StringType);
        return text == null || text.toString().isEmpty() ? null : text.toString();
    }

    /** The value of a text, as a row has it. */
    static @Nullable Object value(@Nullable String text, DataType type) {
        return CatalystTypeConverters.convertToScala(cast(Literal.create(text, DataTypes.StringType), type), type);
    }

    private static @Nullable Object cast(Literal value, DataType type) {
        return new Cast(value, type, ZONE, EvalMode.LEGACY()).eval(InternalRow.empty());
    }

    private PartitionText() {}
}
