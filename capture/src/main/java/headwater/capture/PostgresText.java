package headwater.capture;

import io.debezium.connector.postgresql.PostgresValueConverter;
import io.debezium.connector.postgresql.UnchangedToastedReplicationMessageColumn;
import io.debezium.data.SpecialValueDecimal;
import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Makes Debezium hand over every column as PostgreSQL's own text form, and every column as nullable: Debezium's value
 * types lose digits, offsets and infinities, and it invents values for NOT NULL columns that an event does not carry.
 * Instantiated by Debezium by its class name.
 */
public final class PostgresText implements CustomConverter<SchemaBuilder, RelationalColumn> {
    /** Stands for a TOAST value that the change did not carry. PostgreSQL has no text with this character. */
    static final String UNCHANGED = "\0unchanged";

    /** Parameters of each field's schema. */
    static final String TYPE = "headwater.type";

    static final String LENGTH = "headwater.length";
    static final String SCALE = "headwater.scale";
    static final String NULLABLE = "headwater.nullable";
    /** Set where values of the type cannot be carried. */
    static final String REFUSED = "headwater.refused";

    private static final BigDecimal TWO = BigDecimal.valueOf(2);

    /** OIDs of types whose text Debezium has parsed and changed before it can be had. */
    private static final Map<Integer, String> LOSSY = Map.ofEntries(
            Map.entry(1266, "time with time zone"),
            Map.entry(1186, "interval"),
            Map.entry(790, "money"),
            Map.entry(600, "point"),
            Map.entry(601, "lseg"),
            Map.entry(602, "path"),
            Map.entry(603, "box"),
            Map.entry(604, "polygon"),
            Map.entry(628, "line"),
            Map.entry(718, "circle"));

    @Override
    public void configure(Properties properties) {}

    @Override
    public void converterFor(RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
        SchemaBuilder schema = SchemaBuilder.string()
                .optional()
                .parameter(TYPE, column.typeName())
                .parameter(NULLABLE, String.valueOf(column.isOptional()));
        column.length().ifPresent(length -> schema.parameter(LENGTH, String.valueOf(length)));
        column.scale().ifPresent(scale -> schema.parameter(SCALE, String.valueOf(scale)));
        if (LOSSY.containsKey(column.nativeType())) {
            schema.parameter(REFUSED, LOSSY.get(column.nativeType()));
        }
        registration.register(schema, PostgresText::of);
    }

    /** The text form of a value that Debezium decoded from the replication stream. Never fails: Debezium would put null. */
    static @Nullable String of(@Nullable Object value) {
        if (value == null) {
            return null;
        }
        if (UnchangedToastedReplicationMessageColumn.isUnchangedToastedValue(value)) {
            return UNCHANGED;
        }
        if (value instanceof SpecialValueDecimal decimal) {
            return decimal.getDecimalValue()
                    .map(BigDecimal::toPlainString)
                    .orElseGet(() -> special(decimal.toDouble()));
        }
        if (value instanceof Double number) {
            return floating(number, Double.toString(number), 14);
        }
        if (value instanceof Float number) {
            return floating(number, Float.toString(number), 5);
        }
        if (value instanceof LocalDate date) {
            return date(date);
        }
        if (value instanceof Instant timestamp) {
            return timestamp(timestamp);
        }
        if (value instanceof OffsetDateTime timestamp) {
            return timestampWithZone(timestamp);
        }
        if (value instanceof byte[] bytes) {
            return "\\x" + HexFormat.of().formatHex(bytes);
        }
        // what is left is text already: strings, whole numbers, booleans, arrays as PostgreSQL wrote them
        return value.toString();
    }

    private static String date(LocalDate date) {
        if (date.equals(PostgresValueConverter.POSITIVE_INFINITY_LOCAL_DATE)) {
            return "infinity";
        }
        if (date.equals(PostgresValueConverter.NEGATIVE_INFINITY_LOCAL_DATE)) {
            return "-infinity";
        }
        return day(date) + era(date);
    }

    private static String timestamp(Instant timestamp) {
        if (timestamp.equals(PostgresValueConverter.POSITIVE_INFINITY_INSTANT)) {
            return "infinity";
        }
        if (timestamp.equals(PostgresValueConverter.NEGATIVE_INFINITY_INSTANT)) {
            return "-infinity";
        }
        LocalDateTime at = LocalDateTime.ofInstant(timestamp, ZoneOffset.UTC);
        return day(at.toLocalDate()) + " " + time(at.toLocalTime()) + era(at.toLocalDate());
    }

    private static String timestampWithZone(OffsetDateTime timestamp) {
        if (timestamp.equals(PostgresValueConverter.POSITIVE_INFINITY_OFFSET_DATE_TIME)) {
            return "infinity";
        }
        if (timestamp.equals(PostgresValueConverter.NEGATIVE_INFINITY_OFFSET_DATE_TIME)) {
            return "-infinity";
        }
        LocalDateTime at = timestamp.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime();
        return day(at.toLocalDate()) + " " + time(at.toLocalTime()) + "+00" + era(at.toLocalDate());
    }

    private static String day(LocalDate date) {
        int year = date.getYear() > 0 ? date.getYear() : 1 - date.getYear();
        StringBuilder text = new StringBuilder(10);
        text.append("0".repeat(Math.max(0, 4 - String.valueOf(year).length()))).append(year);
        two(text.append('-'), date.getMonthValue());
        two(text.append('-'), date.getDayOfMonth());
        return text.toString();
    }

    private static String era(LocalDate date) {
        return date.getYear() > 0 ? "" : " BC";
    }

    private static String time(LocalTime time) {
        StringBuilder text = new StringBuilder(15);
        two(text, time.getHour());
        two(text.append(':'), time.getMinute());
        two(text.append(':'), time.getSecond());
        int nanos = time.getNano();
        if (nanos > 0) {
            text.append('.').append(String.valueOf(1_000_000_000L + nanos), 1, 10);
            while (text.charAt(text.length() - 1) == '0') {
                text.setLength(text.length() - 1);
            }
        }
        return text.toString();
    }

    private static void two(StringBuilder text, int number) {
        if (number < 10) {
            text.append('0');
        }
        text.append(number);
    }

    /**
     * The shortest digits that give the same number again, in PostgreSQL's layout: plain for exponents from -4 to
     * {@code plainTo}, else such as {@code 1.5e+20} (PostgreSQL, src/common/d2s.c and f2s.c).
     */
    private static String floating(Number number, String javaText, int plainTo) {
        double value = number.doubleValue();
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return special(value);
        }
        String sign = javaText.startsWith("-") ? "-" : "";
        if (value == 0) {
            return sign + "0";
        }
        BigDecimal digits = shortest(number, new BigDecimal(javaText).abs());
        int exponent = digits.precision() - digits.scale() - 1;
        if (exponent >= -4 && exponent <= plainTo) {
            return sign + digits.toPlainString();
        }
        String unscaled = digits.unscaledValue().toString();
        String mantissa = unscaled.length() == 1 ? unscaled : unscaled.charAt(0) + "." + unscaled.substring(1);
        return sign + mantissa + "e" + (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "")
                + Math.abs(exponent);
    }

    /**
     * The fewest digits strictly nearer to the number than to its neighbours, as PostgreSQL chooses them. Java before 19
     * sometimes prints more, or not the nearest.
     */
    private static BigDecimal shortest(Number number, BigDecimal printed) {
        BigDecimal exact = new BigDecimal(number.doubleValue()).abs();
        BigDecimal toLower = exact.subtract(neighbour(number, 0)).divide(TWO);
        BigDecimal upper = neighbour(number, Double.POSITIVE_INFINITY);
        BigDecimal toUpper = upper == null ? toLower : upper.subtract(exact).divide(TWO);
        BigDecimal best = printed;
        for (int digits = printed.precision(); digits > 0; digits--) {
            BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            BigDecimal error = rounded.subtract(exact);
            if (error.abs().compareTo(error.signum() > 0 ? toUpper : toLower) >= 0) {
                break;
            }
            best = rounded;
        }
        return best.stripTrailingZeros();
    }

    /** The next absolute value of the same type, or null if that is infinite. */
    private static @Nullable BigDecimal neighbour(Number number, double direction) {
        double next = number instanceof Float single
                ? Math.nextAfter(Math.abs(single), direction)
                : Math.nextAfter(Math.abs(number.doubleValue()), direction);
        return Double.isInfinite(next) ? null : new BigDecimal(next);
    }

    private static String special(double value) {
        return Double.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
    }
}
