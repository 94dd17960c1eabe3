package headwater.lake.table;

import headwater.lake.parquet.ColumnFile;
import headwater.lake.parquet.DataFile;
import headwater.lake.parquet.RowColumns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.delta.OptimisticTransaction;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.AddCDCFile;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Function1;
import scala.collection.JavaConverters;

/**
 * Writes the files of a commit of edits: one with the new rows, and one with the images of the change feed, for each partition.
 * The driver writes them itself, since a Spark job for a handful of rows costs many times what they do; many files, and types
 * that only Spark's writer knows, go by {@link OptimisticTransaction#writeFiles}.
 */
final class EditedFiles {
    private static final String CHANGE = "_change_type";
    private static final String FEED = "_change_data/";
    /** The driver writes one after the other; Spark writes more of them side by side. */
    private static final int MOST_FILES = 100;

    private final SparkSession session;
    private final TableLog log;
    private final KeyColumns key;
    private final StructType schema;
    private final List<String> partitions;

    /** @param partitions the columns that the table is partitioned by */
    EditedFiles(SparkSession session, TableLog log, KeyColumns key, List<String> partitions) {
        this.session = session;
        this.log = log;
        this.key = key;
        this.schema = key.schema();
        this.partitions = partitions;
    }

    /**
     * Writes new rows and images.
     *
     * @param kept further rows, of files that the commit takes out
     * @return the actions that make the files part of the table
     */
    List<Action> write(OptimisticTransaction transaction, List<RowEdit> edits, List<Row> kept) {
        if (isPlain()) {
            List<Row> rows = new ArrayList<>(kept);
            edits.forEach(edit -> edit.after().ifPresent(rows::add));
            Map<Map<String, String>, List<Row>> data = byPartition(rows);
            Map<Map<String, String>, List<Row>> feed = byPartition(images(edits));
            if (data.size() + feed.size() <= MOST_FILES) {
                List<Action> actions = new ArrayList<>();
                data.forEach((partition, some) -> actions.add(added(partition, some)));
                feed.forEach((partition, some) -> actions.add(fed(partition, some)));
                return actions;
            }
        }
        return List.copyOf(JavaConverters.seqAsJavaList(transaction.writeFiles(together(edits, kept))));
    }

    private boolean isPlain() {
        return RowColumns.supported(schema)
                && partitions.stream()
                        .allMatch(
                                name -> PartitionText.isPlain(schema.apply(name).dataType()));
    }

    private Action added(Map<String, String> partition, List<Row> rows) {
        return TableFile.of(file("", schema, rows), partition, Map.of()).action();
    }

    private Action fed(Map<String, String> partition, List<Row> images) {
        DataFile file = file(FEED, schema.add(CHANGE, DataTypes.StringType), images);
        return new AddCDCFile(file.path(), TableCommits.map(partition), file.size(), TableCommits.map(Map.of()));
    }

    /** Old and new rows with the kind of their change in a further column. */
    private static List<Row> images(List<RowEdit> edits) {
        List<Row> images = new ArrayList<>();
        for (RowEdit edit : edits) {
            boolean update = edit.before().isPresent() && edit.after().isPresent();
            edit.before().ifPresent(old -> images.add(RowShape.with(old.row(), update ? "update_preimage" : "delete")));
            edit.after().ifPresent(row -> images.add(RowShape.with(row, update ? "update_postimage" : "insert")));
        }
        return images;
    }

    private Map<Map<String, String>, List<Row>> byPartition(List<Row> rows) {
        Map<Map<String, String>, List<Row>> all = new LinkedHashMap<>();
        for (Row row : rows) {
            Map<String, @Nullable String> partition = new HashMap<>();
            for (String name : partitions) {
                int at = schema.fieldIndex(name);
                partition.put(
                        name, PartitionText.of(row.get(at), schema.apply(at).dataType()));
            }
            all.computeIfAbsent(partition, any -> new ArrayList<>()).add(row);
        }
        return all;
    }

    /** Writes rows without their partition columns. */
    private DataFile file(String folder, StructType shape, List<Row> rows) {
        int[] ordinals = IntStream.range(0, shape.size())
                .filter(at -> !partitions.contains(shape.apply(at).name()))
                .toArray();
        StructType columns = new StructType();
        for (int at : ordinals) {
            columns = columns.add(shape.apply(at));
        }
        String codec = session.conf().get("spark.sql.parquet.compression.codec");
        Path path = new Path(log.root(), folder + UUID.randomUUID() + ".parquet");
        Function1<Object, Object> internal = CatalystTypeConverters.createToCatalystConverter(shape);
        RowColumns values = new RowColumns(shape, ordinals);
        try (ColumnFile file = new ColumnFile(
                path, columns.asNullable(), ColumnFile.bounded(columns, key.names()), codec, log.configuration())) {
            for (Row row : rows) {
                values.write((InternalRow) internal.apply(row), file);
            }
            return file.end(log.root());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + path, e);
        }
    }

    /** The same rows as Spark's writer takes them: those of the table without a kind of change. */
    private Dataset<Row> together(List<RowEdit> edits, List<Row> kept) {
        List<Row> rows = images(edits);
        edits.forEach(edit -> edit.after().ifPresent(row -> rows.add(RowShape.with(row, null))));
        kept.forEach(row -> rows.add(RowShape.with(row, null)));
        Dataset<Row> all = session.createDataFrame(rows, schema.add(CHANGE, DataTypes.StringType));
        return partitions.isEmpty()
                ? all.coalesce(1)
                : all.repartition(partitions.stream().map(KeyColumns::column).toArray(Column[]::new));
    }
}
