package headwater.capture.engine;

import headwater.capture.raw.ChangeBatch;
import headwater.capture.raw.RawChange;
import headwater.capture.raw.SourceSchema;
import headwater.lake.contract.LogicalMessage;
import headwater.lake.contract.Lsn;
import headwater.lake.contract.Operation;
import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.MaskedColumns;
import headwater.lake.pipeline.TableSpec;
import io.debezium.relational.RelationalChangeRecordEmitter;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Turns Debezium's records into rows of a {@link ChangeBatch}; a source schema is added before the first row under it.
 * Lives as long as one engine and one batch.
 */
public final class ChangeDecoder {
    private record Known(Schema envelope, @Nullable Schema key, StreamedShape shape, MaskedColumns masks) {
        boolean isOf(SourceRecord record, Struct value) {
            return envelope == value.schema() && key == record.keySchema();
        }
    }

    private final Map<SourceTable, TableSpec> tables;
    private final Set<SourceTable> fullIdentity;
    private final SourceKeys keys;
    private final Clock clock;
    private final Map<String, Known> schemas = new HashMap<>();
    private @Nullable Known last;
    private boolean inTransaction;

    /**
     * @param tables all that are captured
     * @param fullIdentity those under REPLICA IDENTITY FULL now
     */
    public ChangeDecoder(List<TableSpec> tables, Set<SourceTable> fullIdentity, SourceKeys keys, Clock clock) {
        this.tables =
                tables.stream().collect(Collectors.toMap(TableSpec::source, Function.identity(), (one, same) -> one));
        this.fullIdentity = fullIdentity;
        this.keys = keys;
        this.clock = clock;
    }

    /** Adds a record to the batch. Returns whether it ended a transaction. */
    boolean decode(SourceRecord record, ChangeBatch batch) {
        if (!(record.value() instanceof Struct value)) {
            return false;
        }
        if (value.schema().field("status") != null) {
            return boundary(record, value, batch);
        }
        // a message outside a transaction belongs to no commit; a heartbeat record of Debezium has no op
        if (inTransaction && value.schema().field("op") != null) {
            batch.add(change(record, value, batch));
        }
        return false;
    }

    private boolean boundary(SourceRecord record, Struct value, ChangeBatch batch) {
        inTransaction = value.getString("status").equals("BEGIN");
        if (inTransaction) {
            batch.begin();
            return false;
        }
        batch.end(new Lsn(offset(record, "lsn_commit")), offset(record, "ts_usec"), value.getInt64("event_count"));
        return true;
    }

    private static long offset(SourceRecord record, String name) {
        return (Long) Objects.requireNonNull(record.sourceOffset().get(name), name);
    }

    private @Nullable RawChange change(SourceRecord record, Struct value, ChangeBatch batch) {
        Operation operation = Operation.of(value.getString("op"));
        return operation == Operation.MESSAGE ? message(value) : row(record, value, operation, batch);
    }

    private @Nullable RawChange message(Struct value) {
        Struct message = value.getStruct("message");
        String prefix = message.getString("prefix");
        if (LogicalMessage.HEARTBEAT.equals(prefix)) {
            return null;
        }
        String json = RowJson.message(prefix, ByteBuffer.wrap(message.getBytes("content")));
        return raw(value, Operation.MESSAGE, null, null, null, null, null, null, json);
    }

    private RawChange row(SourceRecord record, Struct value, Operation operation, ChangeBatch batch) {
        Known known = known(record, value, batch);
        SourceSchema schema = known.shape().schema();
        MaskedColumns masks = known.masks();
        if (operation != Operation.TRUNCATE) {
            keys.check(schema.table(), (Struct) record.key());
        }
        Struct before = value.getStruct("before");
        Struct after = value.getStruct("after");
        return raw(
                value,
                operation,
                schema,
                record.key() == null ? null : RowJson.of((Struct) record.key(), masks),
                oldKey(record, masks),
                before != null && isWhole(before, known.shape()) ? RowJson.of(before, masks) : null,
                after == null ? null : RowJson.of(after, masks),
                after == null ? null : RowJson.unchanged(after),
                null);
    }

    private RawChange raw(
            Struct value,
            Operation operation,
            @Nullable SourceSchema schema,
            @Nullable String key,
            @Nullable String oldKey,
            @Nullable String before,
            @Nullable String after,
            @Nullable String unchanged,
            @Nullable String message) {
        Struct source = value.getStruct("source");
        return new RawChange(
                source.getInt64("txId"),
                value.getStruct("transaction").getInt64("total_order"),
                operation,
                schema == null ? null : schema.table().schema(),
                schema == null ? null : schema.table().name(),
                key,
                oldKey,
                before,
                after,
                unchanged,
                message,
                source.getInt64("ts_us"),
                ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()),
                schema == null ? null : schema.id());
    }

    private static @Nullable String oldKey(SourceRecord record, MaskedColumns masks) {
        if (record.headers().isEmpty()) {
            return null;
        }
        Header header = record.headers().lastWithName(RelationalChangeRecordEmitter.PK_UPDATE_OLDKEY_FIELD);
        return header == null ? null : RowJson.of((Struct) header.value(), masks);
    }

    /**
     * Whether an old row is complete, as under REPLICA IDENTITY FULL, or only its key. The stream does not say, and the
     * catalog tells only today's identity; but a row cut down to its key has no other value.
     */
    private boolean isWhole(Struct before, StreamedShape shape) {
        return shape.beyondKey().stream().anyMatch(field -> RowJson.value(before, field) != null)
                || (!shape.requiredBeyondKey()
                        && fullIdentity.contains(shape.schema().table()));
    }

    private Known known(SourceRecord record, Struct value, ChangeBatch batch) {
        if (last == null || !last.isOf(record, value)) {
            last = described(record, value, batch);
        }
        return last;
    }

    private Known described(SourceRecord record, Struct value, ChangeBatch batch) {
        Struct source = value.getStruct("source");
        String name = source.getString("schema") + "." + source.getString("table");
        Known known = schemas.get(name);
        // Debezium builds new schema objects when PostgreSQL describes the table anew, which is often and mostly no
        // change
        if (known != null && known.isOf(record, value)) {
            return known;
        }
        Schema row = value.schema().field("after").schema();
        SourceTable table = new SourceTable(source.getString("schema"), source.getString("table"));
        MaskedColumns masks = MaskedColumns.of(Objects.requireNonNull(tables.get(table), name));
        masks.require(names(row), record.keySchema() == null ? List.of() : names(record.keySchema()));
        StreamedShape shape = StreamedShape.of(table, row, record.keySchema());
        batch.add(shape.schema());
        known = new Known(value.schema(), record.keySchema(), shape, masks);
        schemas.put(name, known);
        return known;
    }

    private static List<String> names(Schema schema) {
        return schema.fields().stream().map(Field::name).toList();
    }
}
