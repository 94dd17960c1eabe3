package headwater.capture;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** How often each kind of event happened. */
final class HistoryCounts {
    private final Map<HistoryKind, Integer> counts = new EnumMap<>(HistoryKind.class);

    void add(HistoryKind kind) {
        counts.merge(kind, 1, Integer::sum);
    }

    List<HistoryKind> missing() {
        return Arrays.stream(HistoryKind.values())
                .filter(kind -> !counts.containsKey(kind))
                .toList();
    }

    @Override
    public String toString() {
        return counts.entrySet().stream()
                .map(count -> count.getKey() + "=" + count.getValue())
                .collect(Collectors.joining(" "));
    }
}
