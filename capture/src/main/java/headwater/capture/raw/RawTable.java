package headwater.capture.raw;

import headwater.lake.contract.Column;
import headwater.lake.contract.TableContract;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import io.delta.kernel.DataWriteContext;
import io.delta.kernel.Operation;
import io.delta.kernel.Scan;
import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.Transaction;
import io.delta.kernel.TransactionCommitResult;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.TableNotFoundException;
import io.delta.kernel.expressions.Literal;
import io.delta.kernel.hook.PostCommitHook;
import io.delta.kernel.hook.PostCommitHook.PostCommitHookType;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.data.ScanStateRow;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.transaction.CreateTableTransactionBuilder;
import io.delta.kernel.transaction.DataLayoutSpec;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.FieldMetadata;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampType;
import io.delta.kernel.utils.CloseableIterable;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.DataFileStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Delta table of a fixed shape with this process as its one writer. Every commit builds on the version that this
 * process knows, so that a commit of another process in between is noticed.
 */
public final class RawTable {
    private static final Logger LOG = LoggerFactory.getLogger(RawTable.class);
    private static final String ENGINE = "headwater-capture";
    /**
     * How often a commit is tried before the table has to be opened again, for one more is a conflict with a rewrite of
     * files. Kernel's own 200 would keep a store that is away to itself for an hour, as S3A takes seconds for each.
     */
    public static final int ATTEMPTS = 3;

    private final Engine engine;
    private final StructType schema;
    private final Checkpoints checkpoints = new Checkpoints();
    private Snapshot snapshot;

    private RawTable(Engine engine, TableContract contract, Snapshot snapshot) {
        this.engine = engine;
        // a table that an earlier version made may lack columns, and Kernel adds none
        this.schema = new StructType(schemaOf(contract).fields().stream()
                .filter(field -> snapshot.getSchema().indexOf(field.getName()) >= 0)
                .toList());
        this.snapshot = snapshot;
    }

    /** The table as it is now, or empty if there is none. */
    static Optional<RawTable> find(Engine engine, String path, TableContract contract) {
        Snapshot snapshot;
        try {
            snapshot = TableManager.loadSnapshot(path).build(engine);
        } catch (TableNotFoundException e) {
            return Optional.empty();
        }
        String format = snapshot.getTableProperties().get("headwater.format");
        String written = contract.properties().get("headwater.format");
        if (!Objects.equals(written, format)) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot write " + path + ": its headwater.format is " + format + " and this version writes "
                            + written
                            + ". Run the version of Headwater that wrote it.");
        }
        return Optional.of(new RawTable(engine, contract, snapshot));
    }

    /** Creates the table, empty, with domain metadata. */
    static RawTable create(Engine engine, String path, TableContract contract, Map<String, String> domains) {
        CreateTableTransactionBuilder create = TableManager.buildCreateTableTransaction(
                        path, schemaOf(contract), ENGINE)
                .withTableProperties(contract.properties());
        if (!contract.partitionColumns().isEmpty()) {
            create = create.withDataLayoutSpec(DataLayoutSpec.partitioned(contract.partitionColumns().stream()
                    .map(io.delta.kernel.expressions.Column::new)
                    .toList()));
        }
        Transaction transaction = create.build(engine);
        domains.forEach(transaction::addDomainMetadata);
        TransactionCommitResult result = transaction.commit(engine, CloseableIterable.emptyIterable());
        result.getPostCommitHooks().forEach(hook -> Checkpoints.invoke(hook, engine, path));
        LOG.info("Created table path={}", path);
        return find(engine, path, contract).orElseThrow();
    }

    StructType schema() {
        return schema;
    }

    Optional<String> domain(String name) {
        return snapshot.getDomainMetadata(name);
    }

    /** The version of a SetTransaction. */
    Optional<Long> transaction(String appId) {
        return snapshot.getLatestTransactionVersion(engine, appId);
    }

    /** Text columns of all rows of the version that this process knows; none of their values may be null. */
    List<List<String>> texts(List<String> columns) throws IOException {
        StructType read = new StructType(columns.stream().map(schema::get).toList());
        Scan scan = snapshot.getScanBuilder().withReadSchema(read).build();
        Row state = scan.getScanState(engine);
        List<List<String>> rows = new ArrayList<>();
        try (CloseableIterator<FilteredColumnarBatch> batches = scan.getScanFiles(engine)) {
            while (batches.hasNext()) {
                try (CloseableIterator<Row> files = batches.next().getRows()) {
                    while (files.hasNext()) {
                        readTexts(state, files.next(), rows);
                    }
                }
            }
        }
        return rows;
    }

    private void readTexts(Row state, Row file, List<List<String>> rows) throws IOException {
        CloseableIterator<ColumnarBatch> data = engine.getParquetHandler()
                .readParquetFiles(
                        Utils.singletonCloseableIterator(InternalScanFileUtils.getAddFileStatus(file)),
                        ScanStateRow.getPhysicalDataReadSchema(state),
                        Optional.empty())
                .map(result -> result.getData());
        try (CloseableIterator<FilteredColumnarBatch> logical = Scan.transformPhysicalData(engine, state, file, data)) {
            while (logical.hasNext()) {
                try (CloseableIterator<Row> batch = logical.next().getRows()) {
                    batch.forEachRemaining(row -> rows.add(texts(row)));
                }
            }
        }
    }

    private static List<String> texts(Row row) {
        return IntStream.range(0, row.getSchema().length())
                .mapToObj(row::getString)
                .toList();
    }

    /**
     * Writes rows of one partition as data files, which are no part of the table until they are committed.
     *
     * @param statistics columns with minimum and maximum in the log
     * @return their actions for {@link #commit}
     */
    List<Row> write(
            CloseableIterator<FilteredColumnarBatch> rows, Map<String, Literal> partition, List<String> statistics)
            throws IOException {
        Row state = snapshot.buildUpdateTableTransaction(ENGINE, Operation.WRITE)
                .build(engine)
                .getTransactionState(engine);
        DataWriteContext context = Transaction.getWriteContext(engine, state, partition);
        List<Row> actions = new ArrayList<>();
        try (CloseableIterator<FilteredColumnarBatch> physical =
                        Transaction.transformLogicalData(engine, state, rows, partition);
                CloseableIterator<DataFileStatus> files = engine.getParquetHandler()
                        .writeParquetFiles(
                                context.getTargetDirectory(),
                                physical,
                                statistics.stream()
                                        .map(io.delta.kernel.expressions.Column::new)
                                        .toList());
                CloseableIterator<Row> added = Transaction.generateAppendActions(engine, state, files, context)) {
            added.forEachRemaining(actions::add);
        }
        return actions;
    }

    /**
     * Commits data files, a SetTransaction and domain metadata together.
     *
     * @return the new version
     * @throws io.delta.kernel.exceptions.ConcurrentWriteException if another process wrote the SetTransaction or a domain
     */
    long commit(List<Row> actions, String appId, long appVersion, Map<String, String> domains) {
        Transaction transaction = snapshot.buildUpdateTableTransaction(ENGINE, Operation.WRITE)
                .withTransactionId(appId, appVersion)
                .withMaxRetries(ATTEMPTS - 1)
                .build(engine);
        domains.forEach(transaction::addDomainMetadata);
        TransactionCommitResult result = transaction.commit(
                engine, CloseableIterable.inMemoryIterable(Utils.toCloseableIterator(actions.iterator())));
        snapshot = afterHooks(result);
        return result.getVersion();
    }

    /**
     * The new version, from memory where that is enough: the table is listed again where the log now has a checkpoint,
     * else every version would know all entries since this process began.
     */
    private Snapshot afterHooks(TransactionCommitResult result) {
        for (PostCommitHook hook : result.getPostCommitHooks()) {
            if (hook.getType() == PostCommitHookType.CHECKPOINT) {
                checkpoints.begin(hook, engine, snapshot.getPath());
            } else {
                Checkpoints.invoke(hook, engine, snapshot.getPath());
            }
        }
        return checkpoints.written() || result.getPostCommitSnapshot().isEmpty()
                ? TableManager.loadSnapshot(snapshot.getPath())
                        .atVersion(result.getVersion())
                        .build(engine)
                : result.getPostCommitSnapshot().get();
    }

    private static StructType schemaOf(TableContract contract) {
        StructType schema = new StructType();
        for (Column column : contract.columns()) {
            schema = schema.add(new StructField(
                    column.name(),
                    type(column),
                    column.nullable(),
                    FieldMetadata.builder()
                            .putString("comment", column.meaning())
                            .build()));
        }
        return schema;
    }

    private static DataType type(Column column) {
        return switch (column.type()) {
            case INTEGER -> IntegerType.INTEGER;
            case LONG -> LongType.LONG;
            case STRING -> StringType.STRING;
            case DATE -> DateType.DATE;
            case TIMESTAMP -> TimestampType.TIMESTAMP;
        };
    }
}
