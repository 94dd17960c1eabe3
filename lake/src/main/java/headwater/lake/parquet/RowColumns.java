package headwater.lake.parquet;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/** Writes some columns of Spark's rows into a {@link ColumnFile}. */
public final class RowColumns {
    private interface Value {
        void write(InternalRow row, int at, ColumnValues to) throws IOException;
    }

    private final int[] ordinals;
    private final Value[] values;

    /**
     * Of rows of a shape.
     *
     * @param ordinals which columns of it, in the order of the file
     * @throws IllegalArgumentException for a column of a type that is not {@link #supported}
     */
    public RowColumns(StructType rows, int... ordinals) {
        this.ordinals = ordinals.clone();
        this.values = Arrays.stream(ordinals)
                .mapToObj(at -> value(rows.apply(at).dataType()))
                .toArray(Value[]::new);
    }

    /** Arrays, maps, structs and intervals are not. */
    public static boolean supported(StructType rows) {
        return Arrays.stream(rows.fields()).allMatch(field -> supported(field.dataType()));
    }

    /** Writes one row. */
    public void write(InternalRow row, ColumnFile file) throws IOException {
        for (int at = 0; at < values.length; at++) {
            int ordinal = ordinals[at];
            if (row.isNullAt(ordinal)) {
                file.column(at).writeNull();
            } else {
                values[at].write(row, ordinal, file.column(at));
            }
        }
        file.endRow();
    }

    /** As Parquet's format has decimals of more than 18 digits: the number times 10^scale in so many bytes, big end first. */
    public static byte[] fixed(BigInteger unscaled, int precision) {
        byte[] digits = unscaled.toByteArray();
        byte[] fixed = new byte[Decimal.minBytesForPrecision()[precision]];
        Arrays.fill(fixed, 0, fixed.length - digits.length, (byte) (unscaled.signum() < 0 ? -1 : 0));
        System.arraycopy(digits, 0, fixed, fixed.length - digits.length, digits.length);
        return fixed;
    }

    private static boolean supported(DataType type) {
        try {
            value(type);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Value value(DataType type) {
        if (type instanceof StringType) {
            return RowColumns::text;
        } else if (type instanceof BooleanType) {
            return (row, at, to) -> to.writeBoolean(row.getBoolean(at));
        } else if (type instanceof ByteType) {
            return (row, at, to) -> to.writeNumber(row.getByte(at));
        } else if (type instanceof ShortType) {
            return (row, at, to) -> to.writeNumber(row.getShort(at));
        } else if (type instanceof IntegerType || type instanceof DateType) {
            return (row, at, to) -> to.writeNumber(row.getInt(at));
        } else if (type instanceof LongType || type instanceof TimestampType || type instanceof TimestampNTZType) {
            return (row, at, to) -> to.writeNumber(row.getLong(at));
        } else if (type instanceof FloatType) {
            return (row, at, to) -> to.writeNumber(Float.floatToRawIntBits(row.getFloat(at)));
        } else if (type instanceof DoubleType) {
            return (row, at, to) -> to.writeNumber(Double.doubleToRawLongBits(row.getDouble(at)));
        } else if (type instanceof BinaryType) {
            return (row, at, to) -> bytes(row.getBinary(at), to);
        } else if (type instanceof DecimalType decimal) {
            return decimal(decimal.precision(), decimal.scale());
        }
        throw new IllegalArgumentException("No column of " + type);
    }

    private static void text(InternalRow row, int at, ColumnValues to) throws IOException {
        ByteBuffer bytes = row.getUTF8String(at).getByteBuffer();
        to.writeBytes(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    }

    private static void bytes(byte[] bytes, ColumnValues to) throws IOException {
        to.writeBytes(bytes, 0, bytes.length);
    }

    private static Value decimal(int precision, int scale) {
        if (precision <= Decimal.MAX_LONG_DIGITS()) {
            return (row, at, to) ->
                    to.writeNumber(row.getDecimal(at, precision, scale).toUnscaledLong());
        }
        return (row, at, to) -> bytes(
                fixed(row.getDecimal(at, precision, scale).toJavaBigDecimal().unscaledValue(), precision), to);
    }
}
