package headwater.publish.demo;

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
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.actions.AddFile;
import io.delta.kernel.internal.actions.SingleAction;
import io.delta.kernel.internal.data.ScanStateRow;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.DataFileStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a person may do to a Delta table beside the process that writes it. */
final class LakeByHand {
    private final Engine engine;

    LakeByHand(LakeSettings lake) {
        this.engine = DefaultEngine.create(LakeConfiguration.of(lake));
    }

    /**
     * Gives each row of the table's largest file another key, so that all these rows are gone and as many are invented.
     *
     * @param key a column of type LONG
     */
    void moveRows(String path, String key, long by) {
        boolean done = false;
        while (!done) {
            Snapshot snapshot = TableManager.loadSnapshot(path).build(engine);
            done = commit(path, snapshot.getVersion() + 1, moved(snapshot, path, key, by));
        }
    }

    /** False if the table's own writer was faster. */
    private boolean commit(String path, long version, List<Row> actions) {
        try {
            engine.getJsonHandler()
                    .writeJsonFileAtomically(
                            String.format("%s/_delta_log/%020d.json", path, version),
                            Utils.toCloseableIterator(actions.iterator()),
                            false);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Row> moved(Snapshot snapshot, String path, String key, long by) {
        Scan scan = snapshot.getScanBuilder().build();
        Row largest = files(scan).stream()
                .max(Comparator.comparingLong(
                        file -> InternalScanFileUtils.getAddFileStatus(file).getSize()))
                .orElseThrow();
        AddFile add = new AddFile(largest.getStruct(InternalScanFileUtils.ADD_FILE_ORDINAL));
        List<Row> actions = new ArrayList<>();
        actions.add(SingleAction.createRemoveFileSingleAction(
                add.toRemoveFileRow(true, Optional.of(System.currentTimeMillis()))));
        StructType schema = snapshot.getSchema();
        try (CloseableIterator<FilteredColumnarBatch> rows = rows(scan, largest);
                CloseableIterator<DataFileStatus> written = engine.getParquetHandler()
                        .writeParquetFiles(path, rows.map(batch -> moved(batch, key, by)), List.of())) {
            while (written.hasNext()) {
                AddFile file = AddFile.convertDataFileStatus(
                        schema,
                        URI.create(path),
                        written.next(),
                        Map.of(),
                        true,
                        Map.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
                actions.add(SingleAction.createAddFileSingleAction(file.toRow()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return actions;
    }

    private List<Row> files(Scan scan) {
        List<Row> files = new ArrayList<>();
        try (CloseableIterator<FilteredColumnarBatch> batches = scan.getScanFiles(engine)) {
            while (batches.hasNext()) {
                try (CloseableIterator<Row> batch = batches.next().getRows()) {
                    batch.forEachRemaining(files::add);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    private CloseableIterator<FilteredColumnarBatch> rows(Scan scan, Row file) throws IOException {
        Row state = scan.getScanState(engine);
        return Scan.transformPhysicalData(
                engine,
                state,
                file,
                engine.getParquetHandler()
                        .readParquetFiles(
                                Utils.singletonCloseableIterator(InternalScanFileUtils.getAddFileStatus(file)),
                                ScanStateRow.getPhysicalDataReadSchema(state),
                                Optional.empty())
                        .map(read -> read.getData()));
    }

    private static FilteredColumnarBatch moved(FilteredColumnarBatch batch, String key, long by) {
        ColumnarBatch rows = batch.getData();
        int at = rows.getSchema().indexOf(key);
        ColumnVector keys = rows.getColumnVector(at);
        ColumnarBatch moved =
                rows.withDeletedColumnAt(at).withNewColumn(at, rows.getSchema().at(at), new MovedKeys(keys, by));
        return new FilteredColumnarBatch(moved, batch.getSelectionVector());
    }

    private record MovedKeys(ColumnVector keys, long by) implements ColumnVector {
        @Override
        public DataType getDataType() {
            return LongType.LONG;
        }

        @Override
        public int getSize() {
            return keys.getSize();
        }

        @Override
        public void close() {
            keys.close();
        }

        @Override
        public boolean isNullAt(int row) {
            return keys.isNullAt(row);
        }

        @Override
        public long getLong(int row) {
            return keys.getLong(row) + by;
        }
    }
}
