package headwater.lake.cleanse;

import static headwater.lake.cleanse.Cleansing.quoted;
import static org.apache.spark.sql.functions.col;

import headwater.lake.contract.CleansedColumns;
import headwater.lake.contract.CommitId;
import headwater.lake.contract.LakeLayout;
import headwater.lake.contract.RejectedColumns;
import headwater.lake.parquet.DataFile;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.raw.Position;
import headwater.lake.table.CollectedRows;
import headwater.lake.table.FencedWrite;
import headwater.lake.table.LocatedRow;
import headwater.lake.table.RowEdit;
import headwater.lake.table.RowEdits;
import headwater.lake.table.RowShape;
import headwater.lake.table.TableLog;
import io.delta.tables.DeltaMergeBuilder;
import io.delta.tables.DeltaTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** The source rows that break a rule now, with the rule and the position of the change. */
final class RejectedTable {
    private final SparkSession session;
    private final TableSpec spec;
    private final String path;
    private final String appId;
    private final TableLog log;

    RejectedTable(SparkSession session, LakeLayout layout, TableSpec spec, int epoch) {
        this.session = session;
        this.spec = spec;
        this.path = layout.rejected(spec.name());
        this.appId = CommitId.reject(spec.name(), epoch);
        this.log = TableLog.at(session, path);
    }

    /**
     * Whether a pass committed here and not to the cleansed table, as one that was killed or overtaken: the rows there then do
     * not tell which ones are here.
     */
    boolean isAheadOf(long position) {
        return position() > position;
    }

    void look() {
        log.look();
    }

    /** Where it stands, -1 for no position. */
    long position() {
        return log.position(appId).orElse(-1);
    }

    /** Writes the invalid ones among the cleansed rows of a load. */
    void build(Dataset<Row> rows, long lsn) {
        // what a build left that ended between the two tables gives way
        log.commits()
                .write(
                        invalid(rows, columns()),
                        SaveMode.Overwrite,
                        List.of(),
                        CleansedSchema.properties(spec, rows.schema()),
                        appId,
                        lsn);
    }

    /** What of the rows of a load goes into this table. */
    InitialFiles.Part part(Dataset<Row> rows) {
        List<String> names = new ArrayList<>(spec.key());
        names.addAll(List.of(
                Cleansing.RULE,
                Cleansing.SOURCE_ROW,
                CleansedColumns.EPOCH,
                CleansedColumns.COMMIT_LSN,
                CleansedColumns.ORDER));
        StructType shape = rows.schema();
        return new InitialFiles.Part(
                path,
                rows.select(columns()).schema(),
                names.stream().mapToInt(shape::fieldIndex).toArray());
    }

    /** Makes the table of files that hold the invalid rows of a load. */
    void create(StructType schema, List<DataFile> files, long lsn) {
        log.commits().create(schema, CleansedSchema.properties(spec, schema), files, appId, lsn);
    }

    /**
     * Brings the table to exactly the invalid ones among all rows of the cleansed table.
     *
     * @param rows in the shape of {@link LastChanges}
     */
    void become(Dataset<Row> rows, long to) {
        long from = position();
        Dataset<Row> present = log.files().rows(session);
        try (CollectedRows difference =
                CollectedRows.of(CleansedDifference.ofRejected(spec, invalid(rows, verdict()), present))) {
            if (difference.rows().isPresent()) {
                edit(difference.rows().get(), Guard.NONE, from, to);
            } else {
                merge(difference, Guard.NONE, Optional.empty(), from, to);
            }
        }
    }

    /** Adds and renews the rows that are invalid now, removes those that are mended or gone. */
    void merge(CollectedRows last, Guard guard, Optional<Position> truncate, long to) {
        merge(last, guard, truncate, position(), to);
    }

    private void merge(CollectedRows last, Guard guard, Optional<Position> truncate, long from, long to) {
        Dataset<Row> changed = last.in(session);
        Dataset<Row> source = changed.select(columns());
        DeltaMergeBuilder merge = DeltaTable.forPath(session, path)
                .as("t")
                .merge(source.as("s"), CleansedSchema.keysMatch(spec))
                .whenMatched("s." + RejectedColumns.RULE + " IS NULL AND " + guard.replaces("s", "t"))
                .delete()
                .whenMatched(guard.replaces("s", "t"))
                .updateAll()
                .whenNotMatched("s." + RejectedColumns.RULE + " IS NOT NULL")
                .insertAll();
        if (truncate.isPresent()) {
            merge = merge.whenNotMatchedBySource(truncate.get().newerThanRow("t"))
                    .delete();
        }
        FencedWrite.run(session, log, appId, from, to, merge::execute);
    }

    /** The same for few rows, in one small Spark job. */
    void edit(List<Row> last, Guard guard, long from, long to) {
        log.requireAt(appId, from);
        RowShape shape = new RowShape(log.schema());
        List<Row> changed = last.stream().map(row -> row(row, shape)).toList();
        RowEdits rows = RowEdits.ofKeys(session, log, spec.key(), changed);
        Map<Row, LocatedRow> present = rows.byKey();
        List<RowEdit> edits = new ArrayList<>();
        for (Row row : changed) {
            LocatedRow old = present.get(rows.keyOf(row));
            boolean invalid = shape.text(row, RejectedColumns.RULE) != null;
            if (old == null) {
                if (invalid) {
                    edits.add(RowEdit.insert(row));
                }
            } else if (guard.replaces(Position.of(row, shape), Position.of(old.row(), shape))) {
                edits.add(invalid ? RowEdit.update(old, row) : RowEdit.delete(old));
            }
        }
        if (!edits.isEmpty()) {
            rows.commit(edits, appId, to);
        }
    }

    /** A changed row in the shape of this table; one that is valid or gone has no rule. */
    private static Row row(Row change, RowShape shape) {
        return RowFactory.create(Arrays.stream(shape.columns().fieldNames())
                .map(name -> change.getAs(
                        switch (name) {
                            case RejectedColumns.RULE -> Cleansing.RULE;
                            case RejectedColumns.SOURCE_ROW -> Cleansing.SOURCE_ROW;
                            default -> name;
                        }))
                .toArray());
    }

    private static Dataset<Row> invalid(Dataset<Row> rows, Column[] columns) {
        return rows.where(col(Cleansing.RULE).isNotNull()).select(columns);
    }

    /** The columns of this table under the names of {@link LastChanges}. */
    private Column[] verdict() {
        return Stream.concat(
                        spec.key().stream(),
                        Stream.of(
                                Cleansing.RULE,
                                Cleansing.SOURCE_ROW,
                                RejectedColumns.EPOCH,
                                RejectedColumns.COMMIT_LSN,
                                RejectedColumns.ORDER))
                .map(name -> col(quoted(name)))
                .toArray(Column[]::new);
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
