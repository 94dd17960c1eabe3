package headwater.lake.cleanse;

import static headwater.lake.cleanse.Cleansing.quoted;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;

import headwater.lake.contract.CommitId;
import headwater.lake.contract.LakeLayout;
import headwater.lake.contract.RejectedColumns;
import headwater.lake.delta.FencedWrite;
import headwater.lake.delta.HeldRows;
import headwater.lake.pipeline.TableSpec;
import io.delta.tables.DeltaMergeBuilder;
import io.delta.tables.DeltaTable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The source rows that break a rule now, with the rule and the position of the change. */
final class RejectedTable {
    private final SparkSession session;
    private final TableSpec spec;
    private final String path;
    private final String appId;

    RejectedTable(SparkSession session, LakeLayout layout, TableSpec spec, int epoch) {
        this.session = session;
        this.spec = spec;
        this.path = layout.rejected(spec.name());
        this.appId = CommitId.reject(spec.name(), epoch);
    }

    /** Writes the invalid ones among the cleansed rows of a load. */
    void build(Dataset<Row> rows, long lsn) {
        invalid(rows)
                .write()
                .format("delta")
                .mode("append")
                .options(CleansedTable.properties(spec))
                .option("txnAppId", appId)
                .option("txnVersion", lsn)
                .save(path);
    }

    /** Adds and renews the rows that are invalid now, removes those that are mended or gone. */
    void merge(HeldRows last, ChangeCounts counts, long to) {
        Dataset<Row> changed = last.in(session);
        if (counts.truncate().isEmpty() && !concerns(changed)) {
            return;
        }
        Dataset<Row> source = changed.select(columns());
        DeltaMergeBuilder merge = DeltaTable.forPath(session, path)
                .as("t")
                .merge(source.as("s"), CleansedTable.keysMatch(spec))
                .whenMatched("s." + RejectedColumns.RULE + " IS NULL AND " + Position.newer("s", "t"))
                .delete()
                .whenMatched(Position.newer("s", "t"))
                .updateAll()
                .whenNotMatched("s." + RejectedColumns.RULE + " IS NOT NULL")
                .insertAll();
        if (counts.truncate().isPresent()) {
            merge = merge.whenNotMatchedBySource(counts.truncate().get().newerThanRow("t"))
                    .delete();
        }
        FencedWrite.run(session, appId, to, merge::execute);
    }

    /** Whether any changed row is invalid now or was before: most passes of most tables have none. */
    private boolean concerns(Dataset<Row> changed) {
        if (!changed.where(col(Cleansing.RULE).isNotNull()).isEmpty()) {
            return true;
        }
        Column[] key = spec.key().stream().map(name -> col(quoted(name))).toArray(Column[]::new);
        return !session.read()
                .format("delta")
                .load(path)
                .select(key)
                .join(
                        broadcast(changed.select(key)),
                        scala.collection.JavaConverters.asScalaBuffer(spec.key())
                                .toSeq(),
                        "left_semi")
                .isEmpty();
    }

    private Dataset<Row> invalid(Dataset<Row> rows) {
        return rows.where(col(Cleansing.RULE).isNotNull()).select(columns());
    }

    private Column[] columns() {
        List<Column> columns = new ArrayList<>();
        spec.key().forEach(name -> columns.add(col(quoted(name))));
        columns.add(col(Cleansing.RULE).as(RejectedColumns.RULE));
        columns.add(col(Cleansing.SOURCE_ROW).as(RejectedColumns.SOURCE_ROW));
        columns.add(col(RejectedColumns.EPOCH));
        columns.add(col(RejectedColumns.COMMIT_LSN));
        columns.add(col(RejectedColumns.ORDER));
        return columns.toArray(Column[]::new);
    }
}
