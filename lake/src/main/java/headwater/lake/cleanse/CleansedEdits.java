package headwater.lake.cleanse;

import headwater.lake.contract.CleansedColumns;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.raw.Position;
import headwater.lake.table.LocatedRow;
import headwater.lake.table.NetImages;
import headwater.lake.table.RowEdit;
import headwater.lake.table.RowEdits;
import headwater.lake.table.RowShape;
import headwater.lake.table.TableLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Applies few rows to a cleansed table and to its rejected rows, in one small Spark job; what MERGE does, for many. */
final class CleansedEdits {
    private final SparkSession session;
    private final TableSpec spec;
    private final TableLog log;
    private final String appId;
    private final RejectedTable rejected;
    private final RowShape shape;

    CleansedEdits(SparkSession session, TableSpec spec, TableLog log, String appId, RejectedTable rejected) {
        this.session = session;
        this.spec = spec;
        this.log = log;
        this.appId = appId;
        this.rejected = rejected;
        this.shape = new RowShape(log.schema());
    }

    /** Applies the last changes of their keys, to rejected first; returns the images of the rows that differ. */
    NetImages merge(List<Row> last, long from, long to) {
        RowEdits rows = RowEdits.ofKeys(session, log, spec.key(), last);
        Map<Row, LocatedRow> present = rows.byKey();
        long stood = rejected.position();
        if (stood > from || concernsRejected(last, present.values())) {
            rejected.edit(last, Guard.NEWER, stood, to);
        }
        return commit(rows, last, present, Guard.NEWER, from, to);
    }

    /** Puts rows in the place of those with their keys. */
    NetImages replace(List<Row> difference, long from, long to) {
        RowEdits rows = RowEdits.ofKeys(session, log, spec.key(), difference);
        return commit(rows, difference, rows.byKey(), Guard.NONE, from, to);
    }

    private NetImages commit(
            RowEdits rows, List<Row> last, Map<Row, LocatedRow> present, Guard guard, long from, long to) {
        List<RowEdit> edits = new ArrayList<>();
        Set<Row> keys = new HashSet<>();
        for (Row change : last) {
            Row row = shape.of(change);
            if (!keys.add(rows.keyOf(row))) {
                throw new Failure(
                        Remedy.BUG,
                        "Cannot merge into cleansed/" + spec.name() + ": a pass has two last changes of one key."
                                + " Please report this.");
            }
            LocatedRow old = present.get(rows.keyOf(row));
            if (old == null) {
                edits.add(RowEdit.insert(row));
            } else if (guard.replaces(Position.of(row, shape), Position.of(old.row(), shape))) {
                edits.add(RowEdit.update(old, row));
            }
        }
        if (edits.isEmpty()) {
            log.commits().advance(appId, from, to);
        } else {
            log.requireAt(appId, from);
            rows.commit(edits, appId, to);
        }
        return NetImages.of(
                from,
                edits,
                shape,
                new RowShape(CleansedSchema.live(spec, log.schema())),
                row -> !shape.flag(row, CleansedColumns.DELETED));
    }

    /** A row is in rejected now if it is invalid, and was if its tombstone names a rule. */
    private boolean concernsRejected(List<Row> last, Collection<LocatedRow> present) {
        return last.stream().anyMatch(row -> row.getAs(Cleansing.RULE) != null)
                || present.stream().anyMatch(found -> {
                    String reason = shape.text(found.row(), CleansedColumns.REASON);
                    return reason != null
                            && !reason.equals(CleansedColumns.REASON_DELETED)
                            && !reason.equals(CleansedColumns.REASON_TRUNCATED);
                });
    }
}
