package headwater.lake.load;

import headwater.lake.parquet.ColumnValues;
import headwater.lake.parquet.RowColumns;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;

/** Turns the binary form of one column's values into the column of a Parquet file, without an object per value. */
interface FieldWriter {
    /** Days from 1970-01-01, where Parquet counts from, to 2000-01-01, where PostgreSQL does. */
    int EPOCH_DAYS = 10_957;
    /** The same in microseconds. */
    long EPOCH_MICROS = EPOCH_DAYS * 86_400_000_000L;

    /** What Spark's dates and timestamps hold, in its own counting. */
    LongRange DAYS = new LongRange(
            LocalDate.of(1, 1, 1).toEpochDay(), LocalDate.of(9999, 12, 31).toEpochDay());

    LongRange MICROS = new LongRange(DAYS.first() * 86_400_000_000L, (DAYS.last() + 1) * 86_400_000_000L - 1);

    /** Both ends belong to it. */
    record LongRange(long first, long last) {}

    /** Reads exactly {@code length} bytes and writes one value. */
    void write(ByteBuffer bytes, int length, ColumnValues column) throws IOException;

    /**
     * The writer for a column.
     *
     * @param table as errors name it
     */
    static FieldWriter of(SourceColumn column, String table) {
        return switch (column.wire()) {
            case BOOLEAN -> (bytes, length, to) -> to.writeBoolean(bytes.get() != 0);
            case SHORT -> (bytes, length, to) -> to.writeNumber(bytes.getShort());
            case INT -> (bytes, length, to) -> to.writeNumber(bytes.getInt());
            case LONG -> (bytes, length, to) -> to.writeNumber(bytes.getLong());
            case FLOAT -> (bytes, length, to) -> to.writeNumber(bytes.getInt());
            case DOUBLE -> (bytes, length, to) -> to.writeNumber(bytes.getLong());
            case TEXT, WRITTEN_TEXT, BOOLEAN_TEXT -> text(column);
            case DATE -> (bytes, length, to) -> to.writeNumber(within(DAYS, bytes.getInt(), EPOCH_DAYS, column, table));
            case TIMESTAMP ->
                (bytes, length, to) -> to.writeNumber(within(MICROS, bytes.getLong(), EPOCH_MICROS, column, table));
            case DECIMAL -> decimal(column, table);
        };
    }

    private static FieldWriter text(SourceColumn column) {
        if (column.mask() == null) {
            return (bytes, length, to) -> {
                int at = bytes.position();
                to.writeBytes(bytes.array(), bytes.arrayOffset() + at, length);
                bytes.position(at + length);
            };
        }
        UnaryOperator<String> mask = column.mask().texts();
        return (bytes, length, to) -> {
            byte[] text = new byte[length];
            bytes.get(text);
            byte[] masked = mask.apply(new String(text, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
            to.writeBytes(masked, 0, masked.length);
        };
    }

    private static long within(LongRange years, long value, long epoch, SourceColumn column, String table) {
        // infinity would overflow
        if (value < years.first() - epoch || value > years.last() - epoch) {
            throw refused("infinity or a time outside the years 1 to 9999", column, table);
        }
        return value + epoch;
    }

    /** As Parquet's format has it: up to 18 digits a whole number, more in bytes, all of them times 10^scale. */
    private static FieldWriter decimal(SourceColumn column, String table) {
        DecimalType type = (DecimalType) column.type();
        int scale = type.scale();
        if (type.precision() <= Decimal.MAX_LONG_DIGITS()) {
            return (bytes, length, to) ->
                    to.writeNumber(numeric(bytes, column, table).unscaledLong(scale));
        }
        return (bytes, length, to) -> {
            byte[] digits = RowColumns.fixed(numeric(bytes, column, table).unscaled(scale), type.precision());
            to.writeBytes(digits, 0, digits.length);
        };
    }

    private static NumericDigits numeric(ByteBuffer bytes, SourceColumn column, String table) {
        NumericDigits digits = NumericDigits.read(bytes);
        if (digits.special()) {
            throw refused("NaN or infinity", column, table);
        }
        return digits;
    }

    private static Failure refused(String value, SourceColumn column, String table) {
        return new Failure(
                Remedy.OPERATOR,
                "Cannot load " + table + ": column " + column.name() + " holds " + value + ", which "
                        + column.type().simpleString()
                        + " of the lake does not have. Correct the rows in the source, or name the column in the table's asText list of the pipeline file.");
    }

    /**
     * PostgreSQL's numeric: digits in base 10000, the first of them worth 10000^weight. Trailing zero digits are left out.
     */
    record NumericDigits(int weight, boolean negative, boolean special, short[] digits) {
        private static final int NEGATIVE = 0x4000;
        private static final int SPECIAL = 0xC000;

        static NumericDigits read(ByteBuffer bytes) {
            short[] digits = new short[bytes.getShort()];
            int weight = bytes.getShort();
            int sign = bytes.getShort() & 0xFFFF;
            bytes.getShort();
            for (int at = 0; at < digits.length; at++) {
                digits[at] = bytes.getShort();
            }
            return new NumericDigits(weight, sign == NEGATIVE, (sign & SPECIAL) == SPECIAL, digits);
        }

        /** The value times 10^scale, if that fits. */
        long unscaledLong(int scale) {
            long value = 0;
            int exponent = scale + 4 * weight;
            for (short digit : digits) {
                value = exponent >= 0 ? value + digit * POWERS[exponent] : value + digit / POWERS[-exponent];
                exponent -= 4;
            }
            return negative ? -value : value;
        }

        BigInteger unscaled(int scale) {
            BigInteger value = BigInteger.ZERO;
            int exponent = scale + 4 * weight;
            for (short digit : digits) {
                BigInteger part = BigInteger.valueOf(digit);
                value = value.add(
                        exponent >= 0
                                ? part.multiply(BigInteger.TEN.pow(exponent))
                                : part.divide(BigInteger.TEN.pow(-exponent)));
                exponent -= 4;
            }
            return negative ? value.negate() : value;
        }

        private static final long[] POWERS = new long[19];

        static {
            POWERS[0] = 1;
            for (int at = 1; at < POWERS.length; at++) {
                POWERS[at] = POWERS[at - 1] * 10;
            }
        }
    }
}
