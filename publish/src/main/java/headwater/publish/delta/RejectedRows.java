package headwater.publish.delta;

import headwater.lake.contract.RejectedColumns;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.store.LakeAccess;
import io.delta.kernel.Scan;
import io.delta.kernel.Snapshot;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.data.ScanStateRow;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How many rows of each table are rejected now, by the rule that they break. A table is read again only when it changed. */
public final class RejectedRows {

    /** Rows of one table that break one rule. */
    public record Count(String table, String rule, long rows) {}

    private record Counted(long version, Map<String, Long> rules) {}

    private final Pipeline pipeline;
    private final Engine engine;
    private final Map<String, Counted> counted = new HashMap<>();

    public RejectedRows(Pipeline pipeline) {
        this.pipeline = pipeline;
        this.engine = DefaultEngine.create(LakeAccess.impatient(pipeline.lake()));
    }

    /** In the order of the pipeline file's tables; not for use by two threads at once. */
    public List<Count> count() {
        List<Count> counts = new ArrayList<>();
        for (TableSpec table : pipeline.tables()) {
            Optional<Snapshot> newest = new DeltaTable(engine, pipeline.layout().rejected(table.name())).newest();
            newest.ifPresent(snapshot -> rules(table.name(), snapshot)
                    .forEach((rule, rows) -> counts.add(new Count(table.name(), rule, rows))));
        }
        return counts;
    }

    private Map<String, Long> rules(String table, Snapshot snapshot) {
        Counted known = counted.get(table);
        if (known == null || known.version() != snapshot.getVersion()) {
            known = new Counted(snapshot.getVersion(), read(snapshot));
            counted.put(table, known);
        }
        return known.rules();
    }

    private Map<String, Long> read(Snapshot snapshot) {
        Map<String, Long> rules = new TreeMap<>();
        Scan scan = snapshot.getScanBuilder()
                .withReadSchema(new StructType().add(RejectedColumns.RULE, StringType.STRING))
                .build();
        Row state = scan.getScanState(engine);
        try (CloseableIterator<FilteredColumnarBatch> batches = scan.getScanFiles(engine)) {
            while (batches.hasNext()) {
                try (CloseableIterator<Row> files = batches.next().getRows()) {
                    while (files.hasNext()) {
                        readFile(state, files.next(), rules);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rules;
    }

    private void readFile(Row state, Row file, Map<String, Long> rules) throws IOException {
        CloseableIterator<ColumnarBatch> data = engine.getParquetHandler()
                .readParquetFiles(
                        Utils.singletonCloseableIterator(InternalScanFileUtils.getAddFileStatus(file)),
                        ScanStateRow.getPhysicalDataReadSchema(state),
                        Optional.empty())
                .map(FileReadResult::getData);
        // rows under a deletion vector are filtered out
        try (CloseableIterator<FilteredColumnarBatch> rows = Scan.transformPhysicalData(engine, state, file, data)) {
            while (rows.hasNext()) {
                count(rows.next(), rules);
            }
        }
    }

    private static void count(FilteredColumnarBatch batch, Map<String, Long> rules) {
        ColumnVector rule = batch.getData().getColumnVector(0);
        Optional<ColumnVector> selected = batch.getSelectionVector();
        for (int row = 0; row < batch.getData().getSize(); row++) {
            if (selected.isEmpty()
                    || (!selected.get().isNullAt(row) && selected.get().getBoolean(row))) {
                rules.merge(rule.getString(row), 1L, Long::sum);
            }
        }
    }
}
