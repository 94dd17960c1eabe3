package headwater.publish;

import headwater.publish.delta.CuratedColumn;
import headwater.publish.delta.FeedFile;
import headwater.publish.delta.FeedGoneException;
import headwater.publish.delta.LakeFault;
import headwater.publish.delta.RowReader;
import headwater.publish.delta.RowSink;
import headwater.publish.mart.PublishedColumn;
import headwater.publish.mart.RowCount;
import headwater.publish.mart.RowKey;
import headwater.publish.mart.TargetStatements;
import headwater.publish.mart.TargetTable;
import io.delta.kernel.engine.Engine;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** One table of a publication: how it gets there, what reads its files and what writes its rows. */
final class PublishedTable {
    private final TablePlan plan;
    private final List<CuratedColumn> columns;
    private final RowReader reader;
    private final TargetTable target;
    private final int[] keyOrdinals;
    private RowCount rows = RowCount.NONE;

    PublishedTable(TablePlan plan, Engine engine, Connection connection) throws SQLException {
        this.plan = plan;
        this.columns = CuratedColumn.of(plan.table().spec(), plan.table().schema());
        this.reader = new RowReader(engine, columns);
        this.target = new TargetTable(
                connection,
                new TargetStatements(plan.table().spec()),
                PublishedColumn.of(plan.table().spec(), columns));
        List<String> names = columns.stream().map(CuratedColumn::name).toList();
        this.keyOrdinals =
                plan.table().spec().key().stream().mapToInt(names::indexOf).toArray();
    }

    TablePlan plan() {
        return plan;
    }

    TargetTable target() {
        return target;
    }

    int[] keyOrdinals() {
        return keyOrdinals;
    }

    /** Reads files of the plan until the sink is full. */
    void read(List<FeedFile> files, RowSink sink) {
        for (FeedFile file : files) {
            if (sink.full()) {
                return;
            }
            try {
                reader.read(file, sink);
            } catch (RuntimeException e) {
                if (plan.way() == TablePlan.Way.CHANGES && LakeFault.isMissingFile(e)) {
                    throw new FeedGoneException(plan.name(), e);
                }
                throw e;
            }
        }
    }

    /** The values of the partition columns, for JDBC, in the pipeline file's order. */
    RowKey partition(Map<String, String> partition) {
        return new RowKey(plan.table().spec().partitionBy().stream()
                .map(name -> columns.stream()
                        .filter(column -> column.name().equals(name))
                        .findFirst()
                        .orElseThrow()
                        .value(partition.get(name)))
                .toList());
    }

    List<RowKey> keys(List<Object[]> of) {
        return of.stream().map(row -> RowKey.of(row, keyOrdinals)).toList();
    }

    /** Rows written and deleted so far. */
    RowCount rows() {
        return rows;
    }

    /** Counts rows whose transaction is durable. */
    void count(RowCount done) {
        rows = rows.plus(done);
    }
}
