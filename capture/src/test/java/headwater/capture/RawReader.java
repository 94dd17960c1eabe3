package headwater.capture;

import headwater.lake.pipeline.LakeSettings;
import headwater.lake.store.LakeConfiguration;
import io.delta.kernel.Scan;
import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.TableNotFoundException;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.data.ScanStateRow;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a whole Delta table with Kernel. */
public final class RawReader {
    private final Engine engine;
    private final LakeSettings lake;

    public RawReader(LakeSettings lake) {
        this.engine = DefaultEngine.create(LakeConfiguration.of(lake));
        this.lake = lake;
    }

    /** Column name to value, in the order of (commit_lsn, tx_order); empty if there is no table. */
    public List<Map<String, Object>> changes() {
        List<Map<String, Object>> rows = rows(lake.layout().rawChanges());
        rows.sort(Comparator.<Map<String, Object>>comparingLong(row -> (Long) row.get("commit_lsn"))
                .thenComparingLong(row -> (Long) row.get("tx_order")));
        return rows;
    }

    /** How many data files raw/changes has. */
    int files() {
        List<Row> files = new ArrayList<>();
        snapshot().ifPresent(snapshot -> visit(snapshot.getScanBuilder().build(), files::add));
        return files.size();
    }

    public List<Map<String, Object>> schemas() {
        return rows(lake.layout().rawSchemas());
    }

    /** The newest version of raw/changes, or empty if there is no table. */
    public Optional<Snapshot> snapshot() {
        return snapshot(lake.layout().rawChanges());
    }

    public Engine engine() {
        return engine;
    }

    private Optional<Snapshot> snapshot(String path) {
        try {
            return Optional.of(TableManager.loadSnapshot(path).build(engine));
        } catch (TableNotFoundException e) {
            return Optional.empty();
        }
    }

    private List<Map<String, Object>> rows(String path) {
        List<Map<String, Object>> rows = new ArrayList<>();
        snapshot(path).ifPresent(snapshot -> {
            Scan scan = snapshot.getScanBuilder().build();
            Row state = scan.getScanState(engine);
            StructType physical = ScanStateRow.getPhysicalDataReadSchema(state);
            visit(scan, file -> readFile(state, physical, file, rows));
        });
        return rows;
    }

    private interface FileVisitor {
        void visit(Row file) throws IOException;
    }

    private void visit(Scan scan, FileVisitor visitor) {
        try (CloseableIterator<FilteredColumnarBatch> files = scan.getScanFiles(engine)) {
            while (files.hasNext()) {
                try (CloseableIterator<Row> batch = files.next().getRows()) {
                    while (batch.hasNext()) {
                        visitor.visit(batch.next());
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void readFile(Row state, StructType physical, Row file, List<Map<String, Object>> rows) throws IOException {
        FileStatus status = InternalScanFileUtils.getAddFileStatus(file);
        CloseableIterator<ColumnarBatch> data = engine.getParquetHandler()
                .readParquetFiles(Utils.singletonCloseableIterator(status), physical, Optional.empty())
                .map(result -> result.getData());
        try (CloseableIterator<FilteredColumnarBatch> logical = Scan.transformPhysicalData(engine, state, file, data)) {
            while (logical.hasNext()) {
                ColumnarBatch batch = logical.next().getData();
                for (int row = 0; row < batch.getSize(); row++) {
                    rows.add(row(batch, row));
                }
            }
        }
    }

    private static Map<String, Object> row(ColumnarBatch batch, int row) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int column = 0; column < batch.getSchema().length(); column++) {
            ColumnVector vector = batch.getColumnVector(column);
            values.put(batch.getSchema().at(column).getName(), vector.isNullAt(row) ? null : value(vector, row));
        }
        return values;
    }

    private static Object value(ColumnVector vector, int row) {
        DataType type = vector.getDataType();
        if (type instanceof StringType) {
            return vector.getString(row);
        }
        return type instanceof IntegerType || type instanceof DateType
                ? (Object) vector.getInt(row)
                : (Object) vector.getLong(row);
    }
}
