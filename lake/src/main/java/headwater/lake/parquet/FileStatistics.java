package headwater.lake.parquet;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;

/**
 * What a file's footer knows, in the form of Delta's log: Delta transaction log protocol, "Per-file Statistics". Bounds of whole
 * numbers and of texts that are not cut; a column without bounds is only not skipped.
 */
final class FileStatistics {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Longer texts would have to be cut as Delta cuts them. */
    private static final int LONGEST = 32;

    /** @param columns of which bounds are wanted */
    static String of(ParquetMetadata footer, Collection<String> columns) {
        long rows = 0;
        Map<String, Statistics<?>> merged = new LinkedHashMap<>();
        for (BlockMetaData block : footer.getBlocks()) {
            rows += block.getRowCount();
            for (ColumnChunkMetaData chunk : block.getColumns()) {
                String name = chunk.getPath().toDotString();
                if (columns.contains(name)) {
                    merge(merged, name, chunk.getStatistics());
                }
            }
        }
        ObjectNode json = JSON.createObjectNode().put("numRecords", rows);
        ObjectNode least = json.putObject("minValues");
        ObjectNode most = json.putObject("maxValues");
        ObjectNode nulls = json.putObject("nullCount");
        merged.forEach((name, statistics) -> {
            nulls.put(name, statistics.getNumNulls());
            if (statistics.hasNonNullValue()) {
                put(least, name, statistics, statistics.genericGetMin());
                put(most, name, statistics, statistics.genericGetMax());
            }
        });
        // no row of the file is hidden yet
        return json.put("tightBounds", true).toString();
    }

    private static void merge(Map<String, Statistics<?>> merged, String name, Statistics<?> next) {
        Statistics<?> known = merged.get(name);
        if (known == null) {
            merged.put(name, next.copy());
        } else {
            known.mergeStatistics(next);
        }
    }

    private static void put(ObjectNode bounds, String name, Statistics<?> statistics, Object value) {
        var annotation = statistics.type().getLogicalTypeAnnotation();
        if (annotation == null || annotation instanceof IntLogicalTypeAnnotation) {
            if (value instanceof Integer whole) {
                bounds.put(name, whole);
            } else if (value instanceof Long whole) {
                bounds.put(name, whole);
            }
        } else if (annotation instanceof StringLogicalTypeAnnotation && ((Binary) value).length() < LONGEST) {
            bounds.put(name, ((Binary) value).toStringUsingUTF8());
        }
    }

    private FileStatistics() {}
}
