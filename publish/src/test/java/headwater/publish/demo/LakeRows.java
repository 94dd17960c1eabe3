package headwater.publish.demo;

import headwater.lake.pipeline.LakeSettings;
import headwater.lake.store.LakeConfiguration;
import io.delta.kernel.Scan;
import io.delta.kernel.TableManager;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.data.ScanStateRow;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.DecimalType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.ShortType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampType;
import io.delta.kernel.utils.CloseableIterator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads all rows of a small Delta table of texts, numbers and booleans, those that a deletion vector hides aside. */
final class LakeRows {
    private final Engine engine;

    LakeRows(LakeSettings lake) {
        this.engine = DefaultEngine.create(LakeConfiguration.of(lake));
    }

    /** Column name to text. */
    List<Map<String, String>> of(String path) {
        Scan scan =
                TableManager.loadSnapshot(path).build(engine).getScanBuilder().build();
        List<Map<String, String>> rows = new ArrayList<>();
        try (CloseableIterator<FilteredColumnarBatch> batches = scan.getScanFiles(engine)) {
            while (batches.hasNext()) {
                try (CloseableIterator<Row> files = batches.next().getRows()) {
                    while (files.hasNext()) {
                        read(scan.getScanState(engine), files.next(), rows);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    /** Column name to Delta's name of its type. */
    Map<String, String> types(String path) {
        Map<String, String> types = new LinkedHashMap<>();
        TableManager.loadSnapshot(path)
                .build(engine)
                .getSchema()
                .fields()
                .forEach(field -> types.put(field.getName(), field.getDataType().toString()));
        return types;
    }

    private void read(Row state, Row file, List<Map<String, String>> rows) throws IOException {
        StructType physical = ScanStateRow.getPhysicalDataReadSchema(state);
        try (CloseableIterator<FilteredColumnarBatch> batches = Scan.transformPhysicalData(
                engine,
                state,
                file,
                engine.getParquetHandler()
                        .readParquetFiles(
                                Utils.singletonCloseableIterator(InternalScanFileUtils.getAddFileStatus(file)),
                                physical,
                                Optional.empty())
                        .map(read -> read.getData()))) {
            while (batches.hasNext()) {
                try (CloseableIterator<Row> batch = batches.next().getRows()) {
                    batch.forEachRemaining(row -> rows.add(values(row)));
                }
            }
        }
    }

    private static Map<String, String> values(Row row) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int at = 0; at < row.getSchema().length(); at++) {
            values.put(row.getSchema().at(at).getName(), row.isNullAt(at) ? null : value(row, at));
        }
        return values;
    }

    private static String value(Row row, int at) {
        var type = row.getSchema().at(at).getDataType();
        if (type instanceof TimestampType) {
            return String.valueOf(row.getLong(at));
        } else if (type instanceof DateType) {
            return String.valueOf(row.getInt(at));
        } else if (type instanceof StringType) {
            return row.getString(at);
        } else if (type instanceof LongType) {
            return String.valueOf(row.getLong(at));
        } else if (type instanceof IntegerType) {
            return String.valueOf(row.getInt(at));
        } else if (type instanceof ShortType) {
            return String.valueOf(row.getShort(at));
        } else if (type instanceof BooleanType) {
            return String.valueOf(row.getBoolean(at));
        } else if (type instanceof DecimalType) {
            return row.getDecimal(at).toPlainString();
        }
        throw new AssertionError("Column " + row.getSchema().at(at).getName() + " is " + type);
    }
}
