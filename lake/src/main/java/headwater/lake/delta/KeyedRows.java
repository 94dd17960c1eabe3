package headwater.lake.delta;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.OptimisticTransaction;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.collection.JavaConverters;

/**
 * Changes a few rows of a table by their keys in one commit, with their images in the change feed: what MERGE does, for
 * changes that the driver holds. MERGE plans two joins with every column and runs dozens of small jobs; this is one
 * look-up and one write. Replaced rows are hidden by deletion vectors where the table has them; else the files that
 * hold them are written anew.
 *
 * <p>The caller is the table's only writer: what {@link #find} saw must still be so at the commit, or that fails.
 */
public final class KeyedRows {
    private static final String CHANGE = "_change_type";

    /**
     * A row of the table and where it stands.
     *
     * @param file name of its file
     * @param index its place in the file, -1 in a table without deletion vectors
     */
    public record Found(Row row, String file, long index) {}

    private final SparkSession session;
    private final TableLog log;
    private final List<String> key;
    private final List<String> partitions;
    private final boolean vectors;
    private final StructType schema;
    private long seen = -1;

    private KeyedRows(SparkSession session, TableLog log, List<String> key, List<String> partitions, boolean vectors) {
        this.session = session;
        this.log = log;
        this.key = key;
        this.partitions = partitions;
        this.vectors = vectors;
        this.schema = log.schema();
    }

    /** Of an unpartitioned table with deletion vectors. */
    public static KeyedRows hiding(SparkSession session, TableLog log, List<String> key) {
        return new KeyedRows(session, log, key, List.of(), true);
    }

    /** Of a table without deletion vectors, partitioned by columns of its key or not at all. */
    public static KeyedRows rewriting(SparkSession session, TableLog log, List<String> key, List<String> partitions) {
        return new KeyedRows(session, log, key, partitions, false);
    }

    /**
     * The rows that have the key of one of the given rows, by their keys.
     *
     * @param rows with the key's columns where the table has them
     */
    public Map<Row, Found> find(List<Row> rows) {
        if (rows.isEmpty()) {
            seen = log.version();
            return Map.of();
        }
        List<Row> keys = rows.stream().map(this::keyOf).toList();
        Map<Row, Found> found = new HashMap<>();
        for (Found row : within(all -> withKeys(all, keys, "left_semi")).orElseThrow()) {
            if (found.put(keyOf(row.row()), row) != null) {
                throw new Failure(
                        Remedy.OPERATOR,
                        "Cannot change rows of " + log.root()
                                + ": it holds a key more than once, as after rows were added"
                                + " by hand. Take them out, or stop \"./headwater merge\", remove the table in both cleansed and"
                                + " rejected, and run \"./headwater backfill\".");
            }
        }
        return found;
    }

    /**
     * The rows that a restriction leaves; empty if they are too many for the driver.
     *
     * @param restriction of rows of the table, further columns behind its own; drops none of the columns
     */
    public Optional<List<Found>> within(UnaryOperator<Dataset<Row>> restriction) {
        seen = log.version();
        List<Column> columns = new ArrayList<>();
        for (String name : schema.fieldNames()) {
            columns.add(column(name));
        }
        columns.add(col("_metadata.file_path").as("_file"));
        // only deletion vectors need the place, and only tables that have them tell it
        columns.add((vectors ? col("_metadata.row_index") : lit(-1L)).as("_index"));
        Dataset<Row> rows = restriction.apply(log.rows(session).select(columns.toArray(Column[]::new)));
        return HeldRows.firstOf(rows)
                .map(held -> held.stream().map(row -> found(row, schema.size())).toList());
    }

    /** Commits the edits and the position that they move the table to; returns the new version. */
    public long commit(List<RowEdit> edits, String appId, long position) {
        OptimisticTransaction transaction = log.begin(appId);
        if (transaction.snapshot().version() != seen) {
            throw new Failure(
                    Remedy.RETRY,
                    "Cannot change rows of " + log.root() + " at version " + seen
                            + ": another writer committed version "
                            + transaction.snapshot().version() + ". Is a second merge running?");
        }
        List<Action> actions = new ArrayList<>();
        List<AddFile> rewritten = vectors ? List.of() : touched(edits);
        Dataset<Row> rows = written(edits, rewritten);
        actions.addAll(JavaConverters.seqAsJavaList(transaction.writeFiles(rows)));
        if (vectors) {
            actions.addAll(HiddenRows.of(log, edits));
        } else {
            rewritten.forEach(file -> actions.add(file.remove()));
        }
        return log.commit(transaction, actions, appId, position);
    }

    /** New rows, kept rows of rewritten files, and the images of the change feed. */
    private Dataset<Row> written(List<RowEdit> edits, List<AddFile> rewritten) {
        List<Row> rows = new ArrayList<>();
        for (RowEdit edit : edits) {
            boolean update = edit.before().isPresent() && edit.after().isPresent();
            edit.before().ifPresent(old -> rows.add(with(old.row(), update ? "update_preimage" : "delete")));
            edit.after().ifPresent(row -> rows.add(with(row, update ? "update_postimage" : "insert")));
            edit.after().ifPresent(row -> rows.add(with(row, null)));
        }
        Dataset<Row> changed = session.createDataFrame(rows, schema.add(CHANGE, DataTypes.StringType));
        if (rewritten.isEmpty()) {
            return spread(changed);
        }
        List<Row> gone = edits.stream()
                .flatMap(edit -> edit.before().stream())
                .map(old -> keyOf(old.row()))
                .toList();
        Dataset<Row> kept = withKeys(log.read(session, rewritten), gone, "left_anti")
                .withColumn(CHANGE, lit(null).cast(DataTypes.StringType));
        return spread(kept.unionByName(changed));
    }

    /** One new file, for each partition. */
    private Dataset<Row> spread(Dataset<Row> rows) {
        return partitions.isEmpty()
                ? rows.coalesce(1)
                : rows.repartition(partitions.stream().map(KeyedRows::column).toArray(Column[]::new));
    }

    private List<AddFile> touched(List<RowEdit> edits) {
        Set<String> names = new HashSet<>();
        edits.forEach(edit -> edit.before().ifPresent(old -> names.add(old.file())));
        return log.files().stream()
                .filter(file -> names.contains(name(file.path())))
                .toList();
    }

    private Dataset<Row> withKeys(Dataset<Row> rows, List<Row> keys, String join) {
        StructType shape = new StructType();
        Column match = lit(true);
        for (String name : key) {
            shape = shape.add("_key_" + name, schema.apply(name).dataType());
            match = match.and(column(name).eqNullSafe(column("_key_" + name)));
        }
        return rows.join(broadcast(session.createDataFrame(keys, shape)), match, join);
    }

    /** The key of a row that has the table's columns in order. */
    public Row keyOf(Row row) {
        return RowFactory.create(
                key.stream().map(name -> row.get(schema.fieldIndex(name))).toArray());
    }

    private static Found found(Row row, int columns) {
        Object[] values = new Object[columns];
        for (int at = 0; at < columns; at++) {
            values[at] = row.get(at);
        }
        return new Found(RowFactory.create(values), name(row.getString(columns)), row.getLong(columns + 1));
    }

    static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static Row with(Row row, @Nullable String change) {
        Object[] values = new Object[row.size() + 1];
        for (int at = 0; at < row.size(); at++) {
            values[at] = row.get(at);
        }
        values[row.size()] = change;
        return RowFactory.create(values);
    }

    private static Column column(String name) {
        return col("`" + name + "`");
    }
}
