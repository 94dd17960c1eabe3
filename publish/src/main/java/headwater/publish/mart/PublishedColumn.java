package headwater.publish.mart;

import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.publish.delta.CuratedColumn;
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
import io.delta.kernel.types.TimestampNTZType;
import io.delta.kernel.types.TimestampType;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A column on its way from a curated table to MySQL.
 *
 * @param table the published table, for messages
 * @param lake the column in the curated table
 * @param mySqlType its type in MySQL, from the pipeline file
 */
public record PublishedColumn(String table, CuratedColumn lake, MySqlType mySqlType) {
    private static final Pattern PLACE = Pattern.compile("[0-9]+");

    /** The columns of the pipeline file, in its order, each checked against the curated table's. */
    public static List<PublishedColumn> of(CuratedSpec spec, List<CuratedColumn> columns) {
        return columns.stream()
                .map(column -> of(
                        spec.name(),
                        column,
                        Objects.requireNonNull(spec.columns().get(column.name()), column.name())))
                .toList();
    }

    public static PublishedColumn of(String table, CuratedColumn lake, String mySqlType) {
        PublishedColumn column = new PublishedColumn(
                table, lake, MySqlType.parse(mySqlType).orElseGet(() -> new MySqlType(mySqlType, "", 0, 0)));
        if (!column.fits()) {
            throw column.misfit("the curated table's type is " + lake.type());
        }
        return column;
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

    /** Its name, in both. */
    public String name() {
        return lake.name();
    }

    private boolean isPlace(String text) {
        return PLACE.matcher(text).matches() && !mySqlType.text().contains("'" + text + "'");
    }

    /** Whether MySQL takes every value as it is, or else with an error. */
    private boolean fits() {
        DataType lakeType = lake.type();
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
                "Cannot publish " + table + ": column " + name() + " is " + mySqlType.text() + " in MySQL, but " + why
                        + ". Correct curated." + table + ".columns." + name()
                        + " in the pipeline file, alter the column in MySQL in the same way, and publish again.");
    }
}
