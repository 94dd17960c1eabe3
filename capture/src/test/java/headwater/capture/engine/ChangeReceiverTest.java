package headwater.capture.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.capture.RawReader;
import headwater.capture.raw.ChangeBatch;
import headwater.capture.raw.CommitThread;
import headwater.capture.raw.RawWriter;
import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.LakeSettings;
import io.debezium.engine.DebeziumEngine.Offsets;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.StopEngineException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After a RetriableException Debezium 3.6.1 goes on with the records after those that it was thrown for, which are lost then. */
class ChangeReceiverTest {
    private final List<String> confirmed = new ArrayList<>();

    private final RecordCommitter<RecordChangeEvent<SourceRecord>> committer = new RecordCommitter<>() {
        @Override
        public void markProcessed(RecordChangeEvent<SourceRecord> record) {
            confirmed.add("record");
        }

        @Override
        public void markBatchFinished() {
            confirmed.add("batch");
        }

        @Override
        public void markProcessed(RecordChangeEvent<SourceRecord> record, Offsets offsets) {
            confirmed.add("record");
        }

        @Override
        public Offsets buildOffsets() {
            throw new AssertionError("capture hands Debezium no offsets");
        }
    };

    @Test
    void aCommitThatEndsWithinABatchIsToldAfterIt(@TempDir Path folder) throws InterruptedException {
        LakeSettings lake = new LakeSettings("file:" + folder, Map.of());
        RawWriter writer = RawWriter.create(
                lake, new CaptureOffset(1, "slot", "1", 1, 100, 100, "1970-01-01T00:00:00Z", List.of(), 0L));
        try (ChangeBatch batch = new ChangeBatch(new Lsn(100), 1 << 20);
                CommitThread commits = new CommitThread(writer)) {
            ChangeReceiver receiver = new ChangeReceiver(
                    new ChangeDecoder(List.of(), Set.of(), null, Clock.systemUTC()),
                    batch,
                    commits,
                    // each transaction is a full batch
                    new FlushPolicy(Duration.ofMinutes(1), 1, Duration.ofMinutes(1)),
                    () -> confirmed.add("commit"));
            List<RecordChangeEvent<SourceRecord>> records = new ArrayList<>();
            for (long end : new long[] {200, 300}) {
                records.add(() -> boundary("BEGIN", end));
                records.add(() -> message(end));
                records.add(() -> boundary("END", end));
            }

            receiver.handleBatch(records, committer);

            assertThat(confirmed).startsWith("record", "commit");
            assertThat(receiver.performCommit(records.size(), Duration.ZERO)).isTrue();
            receiver.stop();
        }
        assertThat(new RawReader(lake).changes()).extracting("commit_lsn").containsExactly(200L, 300L);
    }

    private static SourceRecord boundary(String status, long end) {
        Schema schema = SchemaBuilder.struct()
                .field("status", Schema.STRING_SCHEMA)
                .field("event_count", Schema.INT64_SCHEMA)
                .build();
        return record(new Struct(schema).put("status", status).put("event_count", 1L), end);
    }

    private static SourceRecord message(long end) {
        Schema content = SchemaBuilder.struct()
                .field("prefix", Schema.STRING_SCHEMA)
                .field("content", Schema.BYTES_SCHEMA)
                .build();
        Schema source = SchemaBuilder.struct()
                .field("txId", Schema.INT64_SCHEMA)
                .field("ts_us", Schema.INT64_SCHEMA)
                .build();
        Schema transaction =
                SchemaBuilder.struct().field("total_order", Schema.INT64_SCHEMA).build();
        Schema schema = SchemaBuilder.struct()
                .field("op", Schema.STRING_SCHEMA)
                .field("message", content)
                .field("source", source)
                .field("transaction", transaction)
                .build();
        Struct value = new Struct(schema)
                .put("op", "m")
                .put("message", new Struct(content).put("prefix", "note").put("content", new byte[] {1}))
                .put("source", new Struct(source).put("txId", end).put("ts_us", end))
                .put("transaction", new Struct(transaction).put("total_order", 1L));
        return record(value, end);
    }

    private static SourceRecord record(Struct value, long end) {
        return new SourceRecord(Map.of(), Map.of("lsn_commit", end, "ts_usec", end), "topic", value.schema(), value);
    }

    @Test
    void aFailureThatKafkaWouldRetryEndsTheEngine() {
        RecordChangeEvent<SourceRecord> failing = () -> {
            throw new RetriableException("the store is away");
        };
        try (ChangeBatch batch = new ChangeBatch(new Lsn(100), 1 << 20)) {
            ChangeReceiver receiver = new ChangeReceiver(
                    new ChangeDecoder(List.of(), Set.of(), null, Clock.systemUTC()),
                    batch,
                    new CommitThread(null),
                    new FlushPolicy(Duration.ofSeconds(1), 1 << 20, Duration.ofMinutes(1)),
                    () -> confirmed.add("commit"));

            assertThatThrownBy(() -> receiver.handleBatch(List.of(failing), committer))
                    .isInstanceOf(StopEngineException.class)
                    .isNotInstanceOf(RetriableException.class);
            assertThat(receiver.failure().orElseThrow()).hasMessageContaining("the store is away");

            // whatever the engine does next: nothing more is taken, and nothing was confirmed
            assertThatThrownBy(() -> receiver.handleBatch(List.of(), committer))
                    .isInstanceOf(StopEngineException.class);
            assertThat(confirmed).isEmpty();
        }
    }
}
