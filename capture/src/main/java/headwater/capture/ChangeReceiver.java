package headwater.capture;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import io.debezium.engine.DebeziumEngine.ChangeConsumer;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.StopEngineException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Takes the engine's records, commits them by the {@link FlushPolicy}, and only then lets PostgreSQL forget them. Ends the
 * engine on the first failure, because Debezium goes on with the next records after an exception that it takes for
 * passing. Serves one engine.
 */
final class ChangeReceiver implements ChangeConsumer<RecordChangeEvent<SourceRecord>> {
    private final ChangeDecoder decoder;
    private final ChangeBatch batch;
    private final RawWriter writer;
    private final FlushPolicy policy;
    private final Runnable committed;

    private @Nullable RecordChangeEvent<SourceRecord> lastEnd;
    private long lastCommitAt;
    private boolean busy;
    private boolean stopping;
    private @Nullable Failure failure;

    /** @param committed called after each commit */
    ChangeReceiver(ChangeDecoder decoder, ChangeBatch batch, RawWriter writer, FlushPolicy policy, Runnable committed) {
        this.decoder = decoder;
        this.batch = batch;
        this.writer = writer;
        this.policy = policy;
        this.committed = committed;
        this.lastCommitAt = System.nanoTime();
    }

    @Override
    public void handleBatch(
            List<RecordChangeEvent<SourceRecord>> records, RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        begin();
        try {
            receive(records, committer);
        } catch (Failure e) {
            fail(e);
        } catch (RuntimeException e) {
            fail(new Failure(Remedy.BUG, "Cannot capture a change: " + Failure.reason(e) + ". Please report this.", e));
        } finally {
            end();
        }
    }

    @Override
    public boolean supportsTombstoneEvents() {
        return false;
    }

    /** Waits until a commit that is under way has ended; no other begins. */
    synchronized void stop() throws InterruptedException {
        stopping = true;
        notifyAll();
        while (busy) {
            wait();
        }
    }

    /** Why the engine was ended, if it was this receiver that ended it. */
    synchronized Optional<Failure> failure() {
        return Optional.ofNullable(failure);
    }

    private void receive(
            List<RecordChangeEvent<SourceRecord>> records, RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        for (RecordChangeEvent<SourceRecord> record : records) {
            if (decoder.decode(record.record(), batch)) {
                lastEnd = record;
                if (batch.bytes() >= policy.bytes()) {
                    commit(committer);
                }
            }
        }
        // a full batch means that more is waiting: the next rows rather than the clock decide
        if (records.size() < EngineProperties.MAX_BATCH) {
            awaitInterval();
        }
        if (policy.wait(batch, sinceLastCommit()).isZero()) {
            commit(committer);
        }
    }

    /** The engine's queue takes what arrives meanwhile. */
    private synchronized void awaitInterval() throws InterruptedException {
        Duration wait = policy.wait(batch, sinceLastCommit());
        while (!stopping && !wait.isZero() && wait.compareTo(policy.interval()) <= 0) {
            wait(wait.toMillis() + 1);
            wait = policy.wait(batch, sinceLastCommit());
        }
    }

    private void commit(RecordCommitter<RecordChangeEvent<SourceRecord>> committer) throws InterruptedException {
        writer.commit(batch);
        batch.committed();
        lastCommitAt = System.nanoTime();
        // only now may PostgreSQL drop the WAL of these transactions
        committer.markProcessed(lastEnd);
        committer.markBatchFinished();
        committed.run();
    }

    private Duration sinceLastCommit() {
        return Duration.ofNanos(System.nanoTime() - lastCommitAt);
    }

    private synchronized void begin() {
        if (stopping || failure != null) {
            throw new StopEngineException("Capture is stopping");
        }
        busy = true;
    }

    private synchronized void end() {
        busy = false;
        notifyAll();
    }

    private synchronized void fail(Failure e) {
        failure = e;
        throw new StopEngineException(e.getMessage());
    }
}
