package headwater.lake.table;

import static org.apache.spark.sql.functions.col;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.OptimisticTransaction;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.AddFile;

/**
 * Changes a few rows of an unpartitioned table with deletion vectors by their keys in one commit, with their images in the
 * change feed: what MERGE does, for changes that the driver holds. MERGE plans two joins with every column and runs dozens of
 * small jobs; this is one look-up by Spark, and files that the driver writes.
 *
 * <p>The caller is the table's only writer: what {@link #find} saw must still be so at the commit, or that fails.
 */
public final class KeyedEdits {
    private final SparkSession session;
    private final TableLog log;
    private final KeyColumns key;
    private long seen = -1;
    private List<AddFile> files = List.of();

    public KeyedEdits(SparkSession session, TableLog log, List<String> key) {
        this.session = session;
        this.log = log;
        this.key = new KeyColumns(key, log.schema());
    }

    /**
     * The rows that have the key of one of the given rows, by their keys.
     *
     * @param rows with the key's columns where the table has them
     */
    public Map<Row, LocatedRow> find(List<Row> rows) {
        seen = log.version();
        files = log.files().actions();
        Map<Row, LocatedRow> found = new HashMap<>();
        if (rows.isEmpty()) {
            return found;
        }
        RowShape shape = new RowShape(key.schema());
        List<Row> keys = rows.stream().map(key::of).toList();
        Dataset<Row> all =
                LocatedRow.located(log.files().rows(session, files), key.schema(), col("_metadata.row_index"));
        for (Row row : key.join(all, keys, "left_semi").collectAsList()) {
            LocatedRow one = LocatedRow.of(row, shape);
            if (found.put(key.of(one.row()), one) != null) {
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

    /** Commits the edits and the position that they move the table to; returns the new version. */
    public long commit(List<RowEdit> edits, String appId, long position) {
        OptimisticTransaction transaction = log.commits().begin(appId, seen);
        List<Action> actions = new ArrayList<>(
                new EditedFiles(session, log, key, List.of()).write(transaction, edits, CollectedRows.NONE));
        actions.addAll(DeletionVectors.of(log, RowEdit.filesOf(log, edits, files, transaction), edits));
        return log.commits().commit(transaction, actions, appId, position);
    }

    /** The key of a row that has the table's columns in order. */
    public Row keyOf(Row row) {
        return key.of(row);
    }
}
