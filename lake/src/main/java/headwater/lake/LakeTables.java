package headwater.lake;

import headwater.lake.cleanse.CleansedTable;
import headwater.lake.curate.CuratedTable;
import headwater.lake.pipeline.Pipeline;
import java.util.List;

/** The tables of a pipeline in one source epoch, each with a session of its own; they remember what they have read. */
record LakeTables(int epoch, List<CleansedTable> cleansed, List<CuratedTable> curated) {

    static LakeTables of(Pipeline pipeline, TableSessions sessions, int epoch) {
        List<CleansedTable> cleansed = pipeline.tables().stream()
                .map(spec -> new CleansedTable(sessions.of(spec.name()), pipeline.layout(), spec, epoch))
                .toList();
        List<CuratedTable> curated = pipeline.published().stream()
                .map(spec -> new CuratedTable(sessions.of(spec.name()), pipeline, cleansed, spec, epoch))
                .toList();
        return new LakeTables(epoch, cleansed, curated);
    }

    CleansedTable cleansed(String name) {
        return cleansed.stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
