package headwater.publish.bench;

import java.util.Locale;

/**
 * One figure of a benchmark beside its target.
 *
 * @param bench name of the benchmark
 * @param name what was measured
 * @param unit of value and target, such as {@code ms}
 * @param most the target: at most so much
 */
public record Figure(String bench, String name, double value, String unit, double most) {

    public boolean met() {
        return value <= most;
    }

    /** Such as {@code bench report query-p95=12.3ms target<=300ms met}. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "bench %s %s=%.1f%s target<=%.0f%s %s",
                bench,
                name,
                value,
                unit,
                most,
                unit,
                met() ? "met" : "missed");
    }
}
