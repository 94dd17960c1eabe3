package headwater.lake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.Column;
import headwater.lake.contract.CommitId;
import headwater.lake.contract.LakeLayout;
import headwater.lake.contract.SourceTable;
import headwater.lake.contract.TableContract;
import io.delta.tables.DeltaTable;
import io.delta.tables.DeltaTableBuilder;
import java.sql.Date;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.DeltaOperations;
import org.apache.spark.sql.delta.OptimisticTransaction;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.DomainMetadata;
import org.apache.spark.sql.delta.actions.SetTransaction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.JavaConverters;

/** Writes raw/changes in its contract's shape and with its commits, as capture does. */
final class RawHistory {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SparkSession spark;
    private final String path;
    private final long startLsn;
    private final List<Row> pending = new ArrayList<>();
    private long lsn;
    private long order;
    private String schemaId;

    private RawHistory(SparkSession spark, String path, long startLsn) {
        this.spark = spark;
        this.path = path;
        this.startLsn = startLsn;
        this.lsn = startLsn;
    }

    /** Creates the table; the first change can stand after {@code startLsn}. */
    static RawHistory create(SparkSession spark, LakeLayout layout, long startLsn) {
        DeltaTableBuilder table = DeltaTable.create(spark).location(layout.rawChanges());
        for (Column column : TableContract.RAW_CHANGES.columns()) {
            table = table.addColumn(column.name(), type(column), column.nullable());
        }
        table = table.partitionedBy(TableContract.RAW_CHANGES.partitionColumns().toArray(String[]::new));
        for (Map.Entry<String, String> property :
                TableContract.RAW_CHANGES.properties().entrySet()) {
            table = table.property(property.getKey(), property.getValue());
        }
        table.execute();
        RawHistory history = new RawHistory(spark, layout.rawChanges(), startLsn);
        history.commit();
        return history;
    }

    /** Records a shape of a table, under which the next changes stand. */
    RawHistory under(LakeLayout layout, String id, SourceTable table, String... names) {
        schemaId = id;
        String columns = json(Arrays.stream(names)
                .map(name -> Map.of("name", name, "type", "text"))
                .toList());
        spark.createDataFrame(
                        List.of(RowFactory.create(
                                id, table.schema(), table.name(), columns, "[]", 1, lsn, new Timestamp(0), null)),
                        schema(TableContract.RAW_SCHEMAS))
                .write()
                .format("delta")
                .mode("append")
                .save(layout.rawSchemas());
        return this;
    }

    /** END LSN of the last transaction. */
    long lsn() {
        return lsn;
    }

    /** Lets the source go on without a change. */
    RawHistory jump(long to) {
        lsn = to;
        return this;
    }

    /** Begins a source transaction. */
    RawHistory begin() {
        lsn += 100;
        order = 0;
        return this;
    }

    RawHistory insert(SourceTable table, Map<String, String> key, Map<String, String> after) {
        return change("c", table, key, null, null, after, null);
    }

    RawHistory update(SourceTable table, Map<String, String> key, Map<String, String> after) {
        return change("u", table, key, null, null, after, null);
    }

    RawHistory delete(SourceTable table, Map<String, String> key) {
        return change("d", table, key, null, null, null, null);
    }

    RawHistory truncate(SourceTable table) {
        return change("t", table, null, null, null, null, null);
    }

    RawHistory message() {
        order++;
        pending.add(row("m", null, null, null, null, null, null, "{\"prefix\":\"headwater.fence\",\"content\":\"\"}"));
        return this;
    }

    RawHistory change(
            String op,
            SourceTable table,
            Map<String, String> key,
            Map<String, String> oldKey,
            Map<String, String> before,
            Map<String, String> after,
            List<String> unchanged) {
        order++;
        pending.add(row(op, table, key, oldKey, before, after, unchanged, null));
        return this;
    }

    /** Commits what was added since the last commit, with the position it reaches. */
    void commit() {
        DeltaLog log = DeltaLog.forTable(spark, path);
        OptimisticTransaction transaction = log.startTransaction(Option.empty(), Option.empty());
        List<Action> actions = new ArrayList<>();
        if (!pending.isEmpty()) {
            Dataset<Row> rows = spark.createDataFrame(pending, schema()).coalesce(1);
            actions.addAll(JavaConverters.seqAsJavaList(transaction.writeFiles(rows)));
            pending.clear();
        }
        CaptureOffset offset =
                new CaptureOffset(1, "headwater", "1", 1, startLsn, lsn, "2026-01-01T00:00:00Z", List.of(), 0L);
        actions.add(new SetTransaction(CommitId.capture("headwater", 1), lsn, Option.empty()));
        actions.add(new DomainMetadata(CaptureOffset.DOMAIN, json(offset), false));
        transaction.commit(JavaConverters.asScalaBuffer(actions).toSeq(), DeltaOperations.ManualUpdate$.MODULE$);
    }

    private Row row(
            String op,
            SourceTable table,
            Map<String, String> key,
            Map<String, String> oldKey,
            Map<String, String> before,
            Map<String, String> after,
            List<String> unchanged,
            String message) {
        Timestamp now = Timestamp.valueOf("2026-01-01 00:00:00");
        return RowFactory.create(
                1,
                lsn,
                lsn / 100,
                order,
                op,
                table == null ? null : table.schema(),
                table == null ? null : table.name(),
                json(key),
                json(oldKey),
                json(before),
                json(after),
                json(unchanged),
                message,
                now,
                now,
                schemaId,
                null,
                Date.valueOf("2026-01-01"));
    }

    /** Name to text, in order; a value may be null. */
    static Map<String, String> columns(String... namesAndTexts) {
        Map<String, String> columns = new LinkedHashMap<>();
        for (int at = 0; at < namesAndTexts.length; at += 2) {
            columns.put(namesAndTexts[at], namesAndTexts[at + 1]);
        }
        return columns;
    }

    static String json(Object value) {
        try {
            return value == null ? null : JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static StructType schema() {
        return schema(TableContract.RAW_CHANGES);
    }

    private static StructType schema(TableContract table) {
        StructType schema = new StructType();
        for (Column column : table.columns()) {
            schema = schema.add(column.name(), type(column), column.nullable());
        }
        return schema;
    }

    private static DataType type(Column column) {
        return switch (column.type()) {
            case INTEGER -> DataTypes.IntegerType;
            case LONG -> DataTypes.LongType;
            case STRING -> DataTypes.StringType;
            case DATE -> DataTypes.DateType;
            case TIMESTAMP -> DataTypes.TimestampType;
        };
    }
}
