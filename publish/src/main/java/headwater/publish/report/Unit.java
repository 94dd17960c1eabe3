package headwater.publish.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/** What the number of a visual or column counts, and how a person reads it. */
public enum Unit {
    COUNT("", 0),
    MONEY("$", 2);

    private static final String[] NAMES = {"", " K", " M", " bn", " tn"};

    private final String symbol;
    private final int decimals;

    Unit(String symbol, int decimals) {
        this.symbol = symbol;
        this.decimals = decimals;
    }

    /** All digits with thousands commas, such as {@code $1,234.50}. */
    String exact(BigDecimal value) {
        return sign(value) + symbol + String.format(Locale.ROOT, "%,." + decimals + "f", value.abs());
    }

    /** Four significant digits or fewer, such as {@code $150.8 bn}; whole numbers below 10,000 exactly. */
    String compact(BigDecimal value) {
        BigDecimal size = value.abs();
        int name = 0;
        while (name < NAMES.length - 1 && size.compareTo(BigDecimal.valueOf(name == 0 ? 10_000 : 1000)) >= 0) {
            size = size.movePointLeft(3);
            name++;
        }
        int digits = name == 0 ? 0 : 1;
        BigDecimal rounded = size.setScale(digits, RoundingMode.HALF_UP);
        return sign(value) + symbol + String.format(Locale.ROOT, "%,." + digits + "f", rounded) + NAMES[name];
    }

    private static String sign(BigDecimal value) {
        return value.signum() < 0 ? "-" : "";
    }
}
