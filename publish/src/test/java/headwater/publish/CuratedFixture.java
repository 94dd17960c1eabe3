package headwater.publish;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import headwater.lake.contract.CommitId;
import headwater.lake.contract.LakeLayout;
import headwater.publish.mart.RowKey;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.defaults.internal.data.DefaultColumnarBatch;
import io.delta.kernel.defaults.internal.data.vector.DefaultGenericVector;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.DataFileStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;

/**
 * A curated table as Spark's MERGE leaves it with the change feed on: each touched partition rewritten into one file, the
 * changed rows in {@code _change_data}, one SetTransaction. The log is written by the words of the Delta protocol, since
 * Kernel cannot remove files.
 */
public final class CuratedFixture {
    private record DataFile(String path, long size, long rows) {}

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Engine engine = DefaultEngine.create(new Configuration());
    private final Path folder;
    private final String name;
    private final StructType schema;
    private final List<String> partitionBy;
    private final int[] keyOrdinals;
    private final String tableId = UUID.randomUUID().toString();
    private final TreeMap<RowKey, Object[]> rows = new TreeMap<>();
    private final Map<Map<String, String>, DataFile> files = new HashMap<>();
    private final List<Path> changeFiles = new ArrayList<>();
    private long nextVersion;

    public CuratedFixture(
            LakeLayout layout, String name, StructType schema, List<String> key, List<String> partitionBy) {
        this.folder = Path.of(URI.create(layout.curated(name)));
        this.name = name;
        this.schema = schema;
        this.partitionBy = partitionBy;
        this.keyOrdinals = key.stream().mapToInt(schema::indexOf).toArray();
    }

    /** The rows that the table has now, by key: the oracle. */
    NavigableMap<RowKey, Object[]> rows() {
        return rows;
    }

    List<Path> changeFiles() {
        return changeFiles;
    }

    public Engine engine() {
        return engine;
    }

    public String path() {
        return folder.toUri().toString();
    }

    RowKey key(Object[] row) {
        return RowKey.of(row, keyOrdinals);
    }

    /** One MERGE: these rows are so now, those keys are gone, and the table reaches the LSN. */
    public void merge(long lsn, List<Object[]> upserts, List<RowKey> deletions) {
        Map<Map<String, String>, List<Object[]>> changes = new LinkedHashMap<>();
        for (Object[] row : upserts) {
            Object[] before = rows.put(key(row), row);
            if (before != null) {
                change(changes, before, "update_preimage");
            }
            change(changes, row, before == null ? "insert" : "update_postimage");
        }
        for (RowKey key : deletions) {
            change(changes, rows.remove(key), "delete");
        }
        commit(lsn, rewrite(changes, true));
    }

    /** The same without change files, as a plain overwrite of the touched partitions leaves it. */
    void overwrite(long lsn, List<Object[]> upserts) {
        Map<Map<String, String>, List<Object[]>> touched = new LinkedHashMap<>();
        upserts.forEach(row -> {
            rows.put(key(row), row);
            touched.put(partition(row), List.of());
        });
        commit(lsn, rewrite(touched, false));
    }

    /** A commit of the LSN alone. */
    public void moveLsn(long lsn) {
        commit(lsn, List.of());
    }

    /** Rewrites every file without changing data, as OPTIMIZE does. */
    void compact() {
        List<ObjectNode> actions = new ArrayList<>();
        Set<Map<String, String>> all = new LinkedHashSet<>(files.keySet());
        all.forEach(partition -> actions.addAll(replace(partition, false)));
        write(actions);
    }

    private void change(Map<Map<String, String>, List<Object[]>> changes, Object[] row, String type) {
        Object[] change = Arrays.copyOf(row, row.length + 1);
        change[row.length] = type;
        changes.computeIfAbsent(partition(row), partition -> new ArrayList<>()).add(change);
    }

    private List<ObjectNode> rewrite(Map<Map<String, String>, List<Object[]>> changes, boolean changeFeed) {
        List<ObjectNode> actions = new ArrayList<>();
        changes.forEach((partition, changed) -> {
            actions.addAll(replace(partition, true));
            if (changeFeed) {
                StructType withType = schema.add("_change_type", StringType.STRING);
                DataFile file = writeFile("_change_data/", withType, changed, partition);
                ObjectNode cdc = JSON.createObjectNode();
                cdc.putObject("cdc")
                        .put("path", file.path())
                        .put("size", file.size())
                        .put("dataChange", false)
                        .set("partitionValues", partitionValues(partition));
                actions.add(cdc);
                changeFiles.add(folder.resolve(file.path()));
            }
        });
        return actions;
    }

    private List<ObjectNode> replace(Map<String, String> partition, boolean dataChange) {
        List<ObjectNode> actions = new ArrayList<>();
        DataFile old = files.remove(partition);
        if (old != null) {
            ObjectNode remove = JSON.createObjectNode();
            remove.putObject("remove")
                    .put("path", old.path())
                    .put("deletionTimestamp", System.currentTimeMillis())
                    .put("dataChange", dataChange)
                    .put("extendedFileMetadata", true)
                    .put("size", old.size())
                    .set("partitionValues", partitionValues(partition));
            actions.add(remove);
        }
        List<Object[]> left = rows.values().stream()
                .filter(row -> partition(row).equals(partition))
                .toList();
        if (!left.isEmpty()) {
            DataFile file = writeFile("", schema, left, partition);
            files.put(partition, file);
            ObjectNode add = JSON.createObjectNode();
            add.putObject("add")
                    .put("path", file.path())
                    .put("size", file.size())
                    .put("modificationTime", System.currentTimeMillis())
                    .put("dataChange", dataChange)
                    .put("stats", "{\"numRecords\":" + file.rows() + "}")
                    .set("partitionValues", partitionValues(partition));
            actions.add(add);
        }
        return actions;
    }

    private void commit(long lsn, List<ObjectNode> files) {
        ObjectNode transaction = JSON.createObjectNode();
        transaction
                .putObject("txn")
                .put("appId", CommitId.curate(name, 1))
                .put("version", lsn)
                .put("lastUpdated", System.currentTimeMillis());
        List<ObjectNode> actions = new ArrayList<>(files);
        actions.add(0, transaction);
        write(actions);
    }

    private void write(List<ObjectNode> actions) {
        List<ObjectNode> all = new ArrayList<>();
        ObjectNode info = JSON.createObjectNode();
        info.putObject("commitInfo")
                .put("timestamp", System.currentTimeMillis())
                .put("operation", "MERGE");
        all.add(info);
        if (nextVersion == 0) {
            all.addAll(definition());
        }
        all.addAll(actions);
        try {
            Path log = Files.createDirectories(folder.resolve("_delta_log"));
            List<String> lines = new ArrayList<>();
            for (ObjectNode action : all) {
                lines.add(JSON.writeValueAsString(action));
            }
            Files.write(log.resolve(String.format("%020d.json", nextVersion++)), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<ObjectNode> definition() {
        ObjectNode protocol = JSON.createObjectNode();
        protocol.putObject("protocol").put("minReaderVersion", 1).put("minWriterVersion", 4);
        ObjectNode metadata = JSON.createObjectNode();
        ObjectNode fields = metadata.putObject("metaData")
                .put("id", tableId)
                .put("schemaString", schema.toJson())
                .put("createdTime", System.currentTimeMillis());
        fields.putObject("format").put("provider", "parquet").putObject("options");
        ArrayNode columns = fields.putArray("partitionColumns");
        partitionBy.forEach(columns::add);
        fields.putObject("configuration").put("delta.enableChangeDataFeed", "true");
        return List.of(protocol, metadata);
    }

    private DataFile writeFile(
            String below, StructType columns, List<Object[]> content, Map<String, String> partition) {
        StringBuilder at = new StringBuilder(below);
        partition.forEach(
                (column, value) -> at.append(column).append('=').append(value).append('/'));
        List<StructField> kept = columns.fields().stream()
                .filter(field -> !partitionBy.contains(field.getName()))
                .toList();
        ColumnVector[] vectors = kept.stream()
                .map(field -> {
                    int ordinal = columns.indexOf(field.getName());
                    Object[] values = content.stream().map(row -> row[ordinal]).toArray();
                    return (ColumnVector) DefaultGenericVector.fromArray(field.getDataType(), values);
                })
                .toArray(ColumnVector[]::new);
        DefaultColumnarBatch batch = new DefaultColumnarBatch(content.size(), new StructType(kept), vectors);
        try {
            Files.createDirectories(folder.resolve(at.toString()));
            try (CloseableIterator<DataFileStatus> written = engine.getParquetHandler()
                    .writeParquetFiles(
                            folder.resolve(at.toString()).toUri().toString(),
                            Utils.singletonCloseableIterator(new FilteredColumnarBatch(batch, Optional.empty())),
                            List.of())) {
                DataFileStatus file = written.next();
                Path path = Path.of(URI.create(file.getPath()).getPath());
                return new DataFile(folder.relativize(path).toString(), file.getSize(), content.size());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, String> partition(Object[] row) {
        Map<String, String> partition = new TreeMap<>();
        partitionBy.forEach(column -> partition.put(column, String.valueOf(row[schema.indexOf(column)])));
        return partition;
    }

    private static ObjectNode partitionValues(Map<String, String> partition) {
        ObjectNode values = JSON.createObjectNode();
        partition.forEach(values::put);
        return values;
    }
}
