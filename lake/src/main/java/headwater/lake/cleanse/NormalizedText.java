package headwater.lake.cleanse;

import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.expressions.objects.StaticInvoke;
import org.apache.spark.sql.types.AbstractDataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;
import scala.collection.JavaConverters;

/**
 * Text with its white space trimmed and folded to single blanks; blank text is null. White space is blank, tab, line
 * feed, carriage return, form feed and vertical tab, as in PostgreSQL's {@code [ \t\n\r\f\v]}. Works on UTF-8 bytes,
 * several times faster than a regular expression, which counts when a load normalises 250 million values.
 */
public final class NormalizedText {

    /** The normalised form of a text column. */
    static Column of(Column text) {
        return new Column(new StaticInvoke(
                NormalizedText.class,
                DataTypes.StringType,
                "normalize",
                JavaConverters.asScalaBuffer(List.of(text.expr())).toList(),
                JavaConverters.asScalaBuffer(List.<AbstractDataType>of()).toList(),
                true,
                true,
                true));
    }

    /** Called by generated code, never with null; null for blank text. */
    public static @Nullable UTF8String normalize(UTF8String text) {
        byte[] bytes = text.getBytes();
        byte[] result = new byte[bytes.length];
        int end = 0;
        boolean space = false;
        boolean foldedOther = false;
        for (byte next : bytes) {
            if (isSpace(next)) {
                space = true;
                foldedOther |= next != ' ';
                continue;
            }
            if (space && end > 0) {
                result[end++] = ' ';
            }
            space = false;
            result[end++] = next;
        }
        if (end == 0) {
            return null;
        }
        return end == bytes.length && !foldedOther ? text : UTF8String.fromBytes(result, 0, end);
    }

    private static boolean isSpace(byte value) {
        return value == ' ' || (value >= '\t' && value <= '\r');
    }

    private NormalizedText() {}
}
