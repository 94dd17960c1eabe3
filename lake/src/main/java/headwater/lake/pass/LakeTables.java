package headwater.lake.pass;

import headwater.lake.cleanse.CleansedTable;
import headwater.lake.curate.CuratedTable;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.raw.SourceLoad;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The tables of a pipeline in one source epoch, each with a session of its own; they remember what they have read.
 *
 * @param loads by the names of the cleansed tables
 */
public record LakeTables(
        int epoch, List<CleansedTable> cleansed, List<CuratedTable> curated, Map<String, SourceLoad> loads) {

    public static LakeTables of(Pipeline pipeline, TableSessions sessions, int epoch) {
        List<CleansedTable> cleansed = pipeline.tables().stream()
                .map(spec -> new CleansedTable(sessions.of(spec.name()), pipeline.layout(), spec, epoch))
                .toList();
        List<CuratedTable> curated = pipeline.published().stream()
                .map(spec -> new CuratedTable(sessions.of(spec.name()), pipeline, cleansed, spec, epoch))
                .toList();
        Map<String, SourceLoad> loads = new LinkedHashMap<>();
        for (TableSpec spec : pipeline.tables()) {
            loads.put(spec.name(), new SourceLoad(sessions.of(spec.name()), pipeline.layout(), spec, epoch));
        }
        return new LakeTables(epoch, cleansed, curated, loads);
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
