package headwater.publish.bench.merge;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The passes that carried a change, as a rule one.
 *
 * @param store what the store was asked for them, and what they wrote
 */
record Passes(Workload workload, List<PassLine> lines, StoreUse store) {

    double seconds() {
        return lines.stream().mapToDouble(PassLine::seconds).sum();
    }

    long rows() {
        return lines.stream().mapToLong(PassLine::rows).sum();
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%-8s %.2f s in %d pass%s, %,d rows; %s%s",
                workload,
                seconds(),
                lines.size(),
                lines.size() == 1 ? "" : "es",
                rows(),
                store,
                lines.stream()
                        .map(PassLine::figures)
                        .filter(figures -> !figures.isEmpty())
                        .map(figures -> "; " + figures)
                        .collect(Collectors.joining()));
    }
}
