package headwater.capture.bench;

import headwater.lake.contract.Lsn;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.ChangeConsumer;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.debezium.engine.spi.OffsetCommitPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What capture is measured against: the same engine under the same settings on the same slot, whose consumer throws every
 * record away and confirms it.
 */
final class BareEngine implements ChangeConsumer<RecordChangeEvent<SourceRecord>> {
    private static final Logger LOG = LoggerFactory.getLogger(BareEngine.class);
    private static final Duration LOOK = Duration.ofMillis(200);

    private final Properties properties;
    private final Deque<Lsn> marks;
    private long records;

    /** @param marks END LSNs of transactions, in order */
    BareEngine(Properties properties, List<Lsn> marks) {
        this.properties = properties;
        this.marks = new ArrayDeque<>(marks);
    }

    /** Streams until a shutdown is requested; logs when each of the marks has arrived. */
    void run(Shutdown shutdown) {
        DebeziumEngine<RecordChangeEvent<SourceRecord>> engine = DebeziumEngine.create(
                        ChangeEventFormat.of(Connect.class))
                .using(properties)
                .using(OffsetCommitPolicy.always())
                .notifying(this)
                .build();
        Thread thread = new Thread(engine, "engine");
        thread.start();
        while (!shutdown.requested() && thread.isAlive()) {
            shutdown.await(LOOK);
        }
        try {
            engine.close();
        } catch (IOException | IllegalStateException e) {
            throw new Failure(Remedy.RETRY, "The engine did not end in order: " + Failure.reason(e), e);
        }
    }

    @Override
    public void handleBatch(
            List<RecordChangeEvent<SourceRecord>> batch, RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        records += batch.size();
        RecordChangeEvent<SourceRecord> last = batch.get(batch.size() - 1);
        committer.markProcessed(last);
        committer.markBatchFinished();
        while (!marks.isEmpty() && !marks.getFirst().isAfter(position(last))) {
            LOG.info("Discarded everything records={} to={}", records, marks.removeFirst());
        }
    }

    @Override
    public boolean supportsTombstoneEvents() {
        return false;
    }

    private static Lsn position(RecordChangeEvent<SourceRecord> record) {
        Map<String, ?> offset = record.record().sourceOffset();
        return new Lsn(offset.get("lsn_commit") instanceof Long commit ? commit : 0);
    }
}
