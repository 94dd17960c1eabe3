package headwater.publish;

import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.internal.util.PartitionUtils;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.ByteType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.DecimalType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.FloatType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.ShortType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampNTZType;
import io.delta.kernel.types.TimestampType;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A column on its way from a curated table to MySQL.
 *
 * @param table the published table, for messages
 * @param lakeType its type in the curated table
 * @param mySqlType its type in MySQL, from the pipeline file
 */
record PublishedColumn(String table, String name, DataType lakeType, MySqlType mySqlType) {
    private static final Pattern PLACE = Pattern.compile("[0-9]+");

    /** The columns of the pipeline file, in its order, each checked against the curated table's schema. */
    static List<PublishedColumn> of(CuratedSpec spec, StructType schema) {
        List<PublishedColumn> columns = new ArrayList<>();
        for (Map.Entry<String, String> column : spec.columns().entrySet()) {
            int ordinal = schema.indexOf(column.getKey());
            if (ordinal < 0) {
                throw new Failure(
                        Remedy.OPERATOR,
                        "Cannot publish " + spec.name() + ": the curated table has no column " + column.getKey()
                                + ". Correct the pipeline file, or rebuild the table with \"headwater backfill --table "
                                + spec.name() + "\".");
            }
            columns.add(of(spec.name(), column.getKey(), schema.at(ordinal).getDataType(), column.getValue()));
        }
        return columns;
    }

    static PublishedColumn of(String table, String name, DataType lakeType, String mySqlType) {
        PublishedColumn column = new PublishedColumn(
                table, name, lakeType, MySqlType.parse(mySqlType).orElseGet(() -> new MySqlType(mySqlType, "", 0, 0)));
        if (!column.fits()) {
            throw column.misfit("the curated table's type is " + lakeType);
        }
        return column;
    }

    /** The value at a place of a vector, for JDBC. */
    @Nullable
    Object value(ColumnVector vector, int at) {
        return vector.isNullAt(at) ? null : read(vector, at);
    }

    /** A partition's value, for JDBC. */
    @Nullable
    Object value(@Nullable String partitionValue) {
        if (partitionValue == null) {
            return null;
        }
        Object value = PartitionUtils.literalForPartitionValue(lakeType, partitionValue)
                .getValue();
        if (lakeType instanceof DateType) {
            return LocalDate.ofEpochDay((Integer) value);
        }
        if (lakeType instanceof TimestampType || lakeType instanceof TimestampNTZType) {
            return timestamp((Long) value);
        }
        return value;
    }

    private Object read(ColumnVector vector, int at) {
        if (lakeType instanceof StringType) {
            return vector.getString(at);
        } else if (lakeType instanceof LongType) {
            return vector.getLong(at);
        } else if (lakeType instanceof IntegerType) {
            return vector.getInt(at);
        } else if (lakeType instanceof ShortType) {
            return vector.getShort(at);
        } else if (lakeType instanceof ByteType) {
            return vector.getByte(at);
        } else if (lakeType instanceof DecimalType) {
            return vector.getDecimal(at);
        } else if (lakeType instanceof DoubleType) {
            return vector.getDouble(at);
        } else if (lakeType instanceof FloatType) {
            return vector.getFloat(at);
        } else if (lakeType instanceof BooleanType) {
            return vector.getBoolean(at);
        } else if (lakeType instanceof DateType) {
            return LocalDate.ofEpochDay(vector.getInt(at));
        }
        return timestamp(vector.getLong(at));
    }

    private static LocalDateTime timestamp(long micros) {
        return LocalDateTime.ofInstant(Instant.EPOCH.plus(micros, ChronoUnit.MICROS), ZoneOffset.UTC);
    }

    /**
     * The value itself, or a failure if the MySQL type would change it without an error: blanks at the end of a string
     * are cut in strict mode too. For rows that are written; a row that is gone may have been anything.
     */
    @Nullable
    Object checked(@Nullable Object value) {
        if (value instanceof String text) {
            int most = mySqlType.maximumLength();
            if (most > 0 && text.length() > most && text.codePointCount(0, text.length()) > most) {
                throw misfit("a value has " + text.codePointCount(0, text.length()) + " characters");
            }
            if (mySqlType.name().equals("char") && text.endsWith(" ")) {
                throw misfit("a value ends with a blank, which char does not keep");
            }
            if (mySqlType.name().equals("enum") && isPlace(text)) {
                throw misfit("a value is a number that is none of its members, which MySQL takes for the place of one");
            }
            if (mySqlType.name().equals("json") && !ExactNumbers.in(text)) {
                throw misfit("a value holds a number of more digits than MySQL keeps of numbers in JSON; use text");
            }
        }
        if ((value instanceof Double number && !Double.isFinite(number))
                || (value instanceof Float small && !Float.isFinite(small))) {
            throw misfit("a value is NaN or infinite, which MySQL does not have. Make it NULL or text in the SQL");
        }
        return value;
    }

    private boolean isPlace(String text) {
        return PLACE.matcher(text).matches() && !mySqlType.text().contains("'" + text + "'");
    }

    /** Whether MySQL takes every value as it is, or else with an error. */
    private boolean fits() {
        if (lakeType instanceof DecimalType decimal) {
            return mySqlType.isOneOf("decimal|numeric") && mySqlType.scale() >= decimal.getScale();
        } else if (lakeType instanceof StringType) {
            return mySqlType.isOneOf("char|varchar|(tiny|medium|long)?text|json|enum");
        } else if (lakeType instanceof DoubleType) {
            return mySqlType.isOneOf("double") && !rounds();
        } else if (lakeType instanceof FloatType) {
            return mySqlType.isOneOf("double|float") && !rounds();
        } else if (lakeType instanceof DateType) {
            return mySqlType.isOneOf("date|datetime");
        } else if (lakeType instanceof TimestampType || lakeType instanceof TimestampNTZType) {
            return mySqlType.isOneOf("datetime|timestamp") && mySqlType.size() == 6;
        }
        return isWhole(lakeType)
                && mySqlType.isOneOf("(tiny|small|medium|big)?int|integer|boolean|bool|decimal|numeric");
    }

    /** Types such as double(10,2) round without an error. */
    private boolean rounds() {
        return mySqlType.text().contains(",");
    }

    private static boolean isWhole(DataType type) {
        return type instanceof LongType
                || type instanceof IntegerType
                || type instanceof ShortType
                || type instanceof ByteType
                || type instanceof BooleanType;
    }

    private Failure misfit(String why) {
        return new Failure(
                Remedy.OPERATOR,
                "Cannot publish " + table + ": column " + name + " is " + mySqlType.text() + " in MySQL, but " + why
                        + ". Correct curated." + table + ".columns." + name
                        + " in the pipeline file, alter the column in MySQL in the same way, and publish again.");
    }
}
