package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.contract.Lsn;
import io.debezium.engine.DebeziumEngine.Offsets;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.StopEngineException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

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
