package headwater.lake.pass;

import static java.util.stream.Collectors.toSet;

import headwater.lake.cleanse.CleansedTable;
import headwater.lake.curate.CuratedTable;
import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.raw.SourceLoad;
import headwater.lake.table.Upstream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The tables of a pipeline in one source epoch, each with a session of its own; they remember what they have read.
 *
 * @param layers the curated tables: each is computed from cleansed ones and those of earlier layers
 * @param loads by the names of the cleansed tables
 */
public record LakeTables(
        int epoch, List<CleansedTable> cleansed, List<List<CuratedTable>> layers, Map<String, SourceLoad> loads) {

    public static LakeTables of(Pipeline pipeline, TableSessions sessions, int epoch) {
        List<CleansedTable> cleansed = pipeline.tables().stream()
                .map(spec -> new CleansedTable(sessions.of(spec.name()), pipeline, spec, epoch))
                .toList();
        List<List<CuratedTable>> layers = new ArrayList<>();
        List<Upstream> known = new ArrayList<>(cleansed);
        for (List<CuratedSpec> layer : pipeline.layers()) {
            List<CuratedTable> tables = layer.stream()
                    .map(spec -> new CuratedTable(
                            sessions.of(spec.name()), pipeline, upstreams(spec, pipeline, known), spec, epoch))
                    .toList();
            layers.add(tables);
            known.addAll(tables);
        }
        Map<String, SourceLoad> loads = new LinkedHashMap<>();
        for (TableSpec spec : pipeline.tables()) {
            loads.put(spec.name(), new SourceLoad(sessions.of(spec.name()), pipeline.layout(), spec, epoch));
        }
        return new LakeTables(epoch, cleansed, layers, loads);
    }

    /** What a curated table may read: all cleansed tables, and the curated ones that it names. */
    private static List<Upstream> upstreams(CuratedSpec spec, Pipeline pipeline, List<Upstream> known) {
        Set<String> cleansed = pipeline.tables().stream().map(TableSpec::name).collect(toSet());
        return known.stream()
                .filter(table ->
                        cleansed.contains(table.name()) || spec.affectedBy().containsKey(table.name()))
                .toList();
    }

    /** Looks at every table as it is now; what a pass asks later is answered from there. */
    void look() {
        cleansed.forEach(CleansedTable::look);
        curated().forEach(table -> table.log().look());
        loads.values().forEach(load -> load.log().look());
    }

    /** All curated tables, each behind those that it is computed from. */
    public List<CuratedTable> curated() {
        return layers.stream().flatMap(List::stream).toList();
    }

    /** All tables that curated ones may be computed from. */
    List<Upstream> upstreams() {
        return Stream.<Upstream>concat(cleansed.stream(), curated().stream()).toList();
    }

    public CleansedTable cleansed(String name) {
        return cleansed.stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The loads of a cleansed table's source. */
    public SourceLoad load(String name) {
        return Objects.requireNonNull(loads.get(name), name);
    }
}
