package headwater.publish.mart;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A column type of the pipeline file, such as {@code decimal(20,2)}.
 *
 * @param text as written
 * @param name in lower case, without size
 * @param size length or precision, 0 if not given
 * @param scale 0 if not given
 */
record MySqlType(String text, String name, int size, int scale) {
    private static final Pattern FORM =
            Pattern.compile("([a-z]+) ?(?:\\( ?([0-9]{1,9}) ?(?:, ?([0-9]{1,2}) ?)?\\))?.*");

    /** Empty if it does not look like a type at all; whether the server knows it is for the server to say. */
    static Optional<MySqlType> parse(String text) {
        Matcher form = FORM.matcher(text.toLowerCase(Locale.ROOT));
        if (!form.matches()) {
            return Optional.empty();
        }
        return Optional.of(new MySqlType(text, form.group(1), number(form.group(2)), number(form.group(3))));
    }

    boolean isOneOf(String names) {
        return name.matches(names);
    }

    /** The longest string in characters; 0 if the type sets no such limit. */
    int maximumLength() {
        return name.endsWith("char") ? Math.max(size, 1) : 0;
    }

    private static int number(String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }
}
