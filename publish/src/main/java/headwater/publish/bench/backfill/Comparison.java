package headwater.publish.bench.backfill;

import headwater.publish.bench.Figure;
import headwater.publish.bench.Median;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The sides' runs, side by side. */
final class Comparison {
    private final Map<Side, List<BackfillFigures>> runs = new EnumMap<>(Side.class);

    void add(BackfillFigures run) {
        runs.computeIfAbsent(run.side(), first -> new ArrayList<>()).add(run);
    }

    /** Such as {@code medians: copy 36.5 s, raw 80.2 s}. */
    String medians() {
        return "medians: "
                + runs.entrySet().stream()
                        .map(side -> String.format(
                                Locale.ROOT,
                                "%s %.1f s",
                                side.getKey(),
                                Median.of(side.getValue().stream().mapToDouble(BackfillFigures::seconds))))
                        .collect(Collectors.joining(", "));
    }

    /** Those whose sides both ran. */
    List<Figure> figures() {
        return Stream.of(
                        ratio(Side.RAW, Side.COPY).map(ratio -> Figure.atMost("backfill", "raw/copy", ratio, "", 2.4)),
                        ratio(Side.JDBC, Side.RAW).map(ratio -> Figure.atLeast("backfill", "jdbc/raw", ratio, "", 1.4)),
                        ratio(Side.CHAIN, Side.COPY)
                                .map(ratio -> Figure.atMost("backfill", "chain/copy", ratio, "", 6)))
                .flatMap(Optional::stream)
                .toList();
    }

    /** The median of the pairs' ratios: what else the machine did counts for both runs of a pair. */
    private Optional<Double> ratio(Side side, Side base) {
        List<BackfillFigures> of = runs.getOrDefault(side, List.of());
        List<BackfillFigures> to = runs.getOrDefault(base, List.of());
        return of.isEmpty() || to.isEmpty()
                ? Optional.empty()
                : Optional.of(Median.of(IntStream.range(0, of.size())
                        .mapToDouble(
                                pair -> of.get(pair).seconds() / to.get(pair).seconds())));
    }
}
