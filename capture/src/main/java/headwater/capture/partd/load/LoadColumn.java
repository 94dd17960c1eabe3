package headwater.capture.partd.load;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/**
 * A column of a source table and the texts that it takes from a file.
 *
 * @param type as PostgreSQL names it: smallint, integer, bigint, numeric or text
 * @param precision digits of a numeric in all, else 0
 * @param scale digits of a numeric after the point, else 0
 */
record LoadColumn(String name, String type, int precision, int scale) {
    private static final String DIGITS = "[+-]?(\\d+|\\d{1,3}(,\\d{3})+)";
    private static final Pattern WHOLE = Pattern.compile(DIGITS + "(\\.0*)?");
    private static final Pattern DECIMAL = Pattern.compile(DIGITS + "(\\.\\d*)?|[+-]?\\.\\d+");

    /** A text that the column cannot hold; says what it can. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String expected) {
            super(expected);
        }
    }

    boolean isText() {
        return type.equals("text");
    }

    /** For the definition of a table. */
    String definition() {
        return type.equals("numeric") ? "numeric(" + precision + "," + scale + ")" : type;
    }

    /** The value as PostgreSQL reads it: a text as it is, a number without thousands commas; rounded to the scale. */
    String value(String field) throws Refused {
        if (isText()) {
            if (field.indexOf('\0') >= 0) {
                throw new Refused("a text without zero bytes");
            }
            return field;
        }
        return type.equals("numeric") ? decimal(field.strip()) : whole(field.strip());
    }

    private String whole(String field) throws Refused {
        int bits = type.equals("smallint") ? 16 : type.equals("integer") ? 32 : 64;
        if (WHOLE.matcher(field).matches()) {
            String digits = field.replace(",", "");
            int point = digits.indexOf('.');
            BigInteger number = new BigInteger(point < 0 ? digits : digits.substring(0, point));
            if (number.bitLength() < bits) {
                return number.toString();
            }
        }
        BigInteger least = BigInteger.ONE.shiftLeft(bits - 1).negate();
        throw new Refused("a whole number from " + least + " to " + least.not());
    }

    private String decimal(String field) throws Refused {
        if (DECIMAL.matcher(field).matches()) {
            BigDecimal number = new BigDecimal(field.replace(",", "")).setScale(scale, RoundingMode.HALF_UP);
            if (number.precision() <= precision) {
                return number.toPlainString();
            }
        }
        throw new Refused("a number with at most " + (precision - scale) + " digits before the point");
    }
}
