package headwater.publish.bench;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * One figure of a benchmark beside its target.
 *
 * @param bench name of the benchmark
 * @param name what was measured
 * @param unit of value and target, such as {@code ms}; empty for a ratio
 */
public record Figure(String bench, String name, double value, String unit, double target, Bound bound) {

    /** On which side of the target a figure should be. */
    public enum Bound {
        AT_MOST("<="),
        AT_LEAST(">=");

        private final String sign;

        Bound(String sign) {
            this.sign = sign;
        }
    }

    public static Figure atMost(String bench, String name, double value, String unit, double target) {
        return new Figure(bench, name, value, unit, target, Bound.AT_MOST);
    }

    public static Figure atLeast(String bench, String name, double value, String unit, double target) {
        return new Figure(bench, name, value, unit, target, Bound.AT_LEAST);
    }

    public boolean met() {
        return bound == Bound.AT_MOST ? value <= target : value >= target;
    }

    /** Such as {@code bench report query-p95=12.3ms target<=300ms met}. */
    @Override
    public String toString() {
        return "bench " + bench + " " + name + "=" + plain(value) + unit + " target" + bound.sign + plain(target) + unit
                + " " + (met() ? "met" : "missed");
    }

    /** Three digits, more only before the decimal point. */
    private static String plain(double number) {
        BigDecimal three = BigDecimal.valueOf(number).round(new MathContext(3, RoundingMode.HALF_UP));
        BigDecimal shown = three.scale() < 0 ? BigDecimal.valueOf(Math.round(number)) : three;
        return shown.signum() == 0 ? "0" : shown.stripTrailingZeros().toPlainString();
    }
}
