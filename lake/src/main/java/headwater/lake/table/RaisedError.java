package headwater.lake.table;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.raise_error;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataType;

/**
 * An error that a Spark expression raises for a row when data contradict the pipeline: a person has to mend it, trying
 * again does not help. Its message never holds a value of the row.
 */
public final class RaisedError {
    private static final String MARK = "headwater: ";

    /** An expression of a type that fails as soon as it is evaluated. */
    public static Column of(String message, DataType type) {
        return raise_error(lit(MARK + message)).cast(type);
    }

    public static boolean isIn(String message) {
        return message.contains(MARK);
    }

    /** The message as it was written. */
    public static String plain(String message) {
        return isIn(message) ? message.substring(message.indexOf(MARK) + MARK.length()) : message;
    }

    private RaisedError() {}
}
