package headwater.capture.engine;

import headwater.capture.raw.ChangeBatch;
import headwater.capture.raw.CommitThread;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import io.debezium.engine.DebeziumEngine.ChangeConsumer;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.StopEngineException;
import io.debezium.engine.spi.OffsetCommitPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Takes the engine's records, hands them to a {@link CommitThread} by the {@link FlushPolicy}, and lets PostgreSQL forget
 * them only once they are durable. While one batch is committed the next is filled, no more. Ends the engine on the first
 * failure, because Debezium goes on with the next records after an exception that it takes for passing. Serves one engine.
 *
 * <p>All but {@link #stop} and {@link #failure} run on the engine's polling thread, the only one that may confirm
 * records. It also asks the offset commit policy whenever it finds no records, about every 100 ms: that is when a batch
 * becomes due by time, and when a commit that has ended is noticed, on a quiet source.
 */
public final class ChangeReceiver implements ChangeConsumer<RecordChangeEvent<SourceRecord>>, OffsetCommitPolicy {
    private final ChangeDecoder decoder;
    private final ChangeBatch batch;
    private final CommitThread commits;
    private final FlushPolicy policy;
    private final Runnable committed;

    private @Nullable RecordCommitter<RecordChangeEvent<SourceRecord>> committer;
    private @Nullable RecordChangeEvent<SourceRecord> lastEnd;
    private @Nullable RecordChangeEvent<SourceRecord> lastTaken;
    /** Debezium tells PostgreSQL only when it asks the policy, which a commit that ended within a batch has to wait for. */
    private boolean untold;

    private long lastCommitAt;
    private volatile boolean stopping;
    private volatile @Nullable Failure failure;

    /** @param committed called after each commit */
    public ChangeReceiver(
            ChangeDecoder decoder, ChangeBatch batch, CommitThread commits, FlushPolicy policy, Runnable committed) {
        this.decoder = decoder;
        this.batch = batch;
        this.commits = commits;
        this.policy = policy;
        this.committed = committed;
        this.lastCommitAt = System.nanoTime();
    }

    @Override
    public void handleBatch(
            List<RecordChangeEvent<SourceRecord>> records, RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        this.committer = committer;
        if (stopping || failure != null) {
            throw new StopEngineException("Capture is stopping");
        }
        orFail(() -> receive(records));
        committer.markBatchFinished();
    }

    /** Whether there is something new to tell PostgreSQL. */
    @Override
    public boolean performCommit(long messages, Duration sinceLast) {
        return orFail(() -> {
            look();
            boolean told = untold;
            untold = false;
            return told;
        });
    }

    @Override
    public boolean supportsTombstoneEvents() {
        return false;
    }

    /** Waits until a commit that is under way has ended; no other begins. */
    void stop() throws InterruptedException {
        stopping = true;
        commits.await();
    }

    /** Why the engine was ended, if it was this receiver that ended it. */
    Optional<Failure> failure() {
        return Optional.ofNullable(failure);
    }

    private boolean receive(List<RecordChangeEvent<SourceRecord>> records) throws InterruptedException {
        for (RecordChangeEvent<SourceRecord> record : records) {
            if (decoder.decode(record.record(), batch)) {
                lastEnd = record;
                if (batch.bytes() >= policy.bytes()) {
                    commits.await();
                    look();
                }
            }
        }
        return true;
    }

    /** Confirms what was committed and begins what is due. */
    private void look() throws InterruptedException {
        confirm();
        if (!stopping && commits.idle() && policy.wait(batch, sinceLastCommit()).isZero()) {
            lastTaken = lastEnd;
            lastCommitAt = System.nanoTime();
            commits.begin(batch.take());
        }
    }

    /** Only what is in raw/changes: PostgreSQL may then drop its WAL. */
    private void confirm() throws InterruptedException {
        if (commits.ended() && committer != null) {
            committer.markProcessed(lastTaken);
            untold = true;
            committed.run();
        }
    }

    private Duration sinceLastCommit() {
        return Duration.ofNanos(System.nanoTime() - lastCommitAt);
    }

    private boolean orFail(Step step) {
        try {
            return step.run();
        } catch (Failure e) {
            throw ending(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StopEngineException("Capture is stopping");
        } catch (OutOfMemoryError e) {
            throw ending(new Failure(Remedy.OPERATOR, "Cannot capture a change: the heap is too small.", e));
        } catch (RuntimeException e) {
            throw ending(new Failure(
                    Remedy.BUG, "Cannot capture a change: " + Failure.reason(e) + ". Please report this.", e));
        }
    }

    private StopEngineException ending(Failure e) {
        failure = e;
        return new StopEngineException(e.getMessage());
    }

    private interface Step {
        boolean run() throws InterruptedException;
    }
}
