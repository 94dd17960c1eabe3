package headwater.lake.pipeline;

import static java.util.stream.Collectors.toSet;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The order in which curated tables are computed.
 *
 * @param layers each table is computed from tables that are not curated and from those of earlier layers
 * @param cyclic tables that are computed from each other, and those behind them, in the order of the pipeline file
 */
record CuratedLayers(List<List<CuratedSpec>> layers, List<CuratedSpec> cyclic) {

    static CuratedLayers of(List<CuratedSpec> tables) {
        List<List<CuratedSpec>> layers = new ArrayList<>();
        List<CuratedSpec> left = new ArrayList<>(tables);
        while (!left.isEmpty()) {
            Set<String> waiting = left.stream().map(CuratedSpec::name).collect(toSet());
            List<CuratedSpec> layer = left.stream()
                    .filter(table -> table.affectedBy().keySet().stream().noneMatch(waiting::contains))
                    .toList();
            if (layer.isEmpty()) {
                break;
            }
            layers.add(layer);
            left.removeAll(layer);
        }
        return new CuratedLayers(List.copyOf(layers), List.copyOf(left));
    }
}
