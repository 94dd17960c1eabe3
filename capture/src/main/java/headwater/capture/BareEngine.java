package headwater.capture;

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
    private final long until;
    private boolean reached;
    private long records;

    /** @param until the END LSN of the last transaction that counts */
    BareEngine(Properties properties, Lsn until) {
        this.properties = properties;
        this.until = until.value();
    }

    /** Streams until a shutdown is requested; logs when the last transaction has arrived. */
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
        if (!reached && position(last) >= until) {
            reached = true;
            LOG.info("Discarded everything records={} to={}", records, new Lsn(until));
        }
    }

    @Override
    public boolean supportsTombstoneEvents() {
        return false;
    }

    private static long position(RecordChangeEvent<SourceRecord> record) {
        Map<String, ?> offset = record.record().sourceOffset();
        return offset.get("lsn_commit") instanceof Long commit ? commit : 0;
    }
}
