package headwater.capture.engine;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import headwater.lake.source.ReplicationSlot;
import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.debezium.engine.spi.OffsetCommitPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One life of the embedded Debezium engine: it is never restarted, a failed one is replaced by a new one. */
public final class SourceEngine {
    private static final Logger LOG = LoggerFactory.getLogger(SourceEngine.class);
    /** What a walsender says that decodes a change by the catalog of its time; the start has found the publication. */
    private static final Pattern PUBLICATION_IS_YOUNGER = Pattern.compile("publication \"[^\"]+\" does not exist");

    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Duration GRACE = Duration.ofSeconds(20);

    private final ChangeReceiver receiver;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;

    public SourceEngine(Properties properties, ChangeReceiver receiver) {
        this.receiver = receiver;
        this.engine = DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
                .using(properties)
                .using((OffsetCommitPolicy) receiver)
                .using((success, message, error) -> {
                    if (success || error == null) {
                        ended.complete(null);
                    } else {
                        ended.completeExceptionally(error);
                    }
                })
                .notifying(receiver)
                .build();
    }

    /**
     * Streams until a shutdown is requested.
     *
     * @param watch called again and again meanwhile; a failure of it ends the stream
     * @throws Failure RETRY if the connection to the source ended, or what the receiver or the watch failed with
     */
    public void run(Shutdown shutdown, Runnable watch) {
        Thread thread = new Thread(engine, "engine");
        thread.start();
        try {
            try {
                awaitEnd(shutdown, watch);
            } finally {
                if (!ended.isDone()) {
                    stop(thread);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Remedy.RETRY, "Cannot go on capturing: interrupted", e);
        } catch (ExecutionException e) {
            receiver.failure().ifPresent(failure -> {
                throw failure;
            });
            throw ended(e);
        }
        receiver.failure().ifPresent(failure -> {
            throw failure;
        });
        if (!shutdown.requested()) {
            throw new Failure(Remedy.RETRY, "The stream from PostgreSQL ended without a reason.");
        }
    }

    private static Failure ended(ExecutionException e) {
        String reason = Failure.reason(e);
        return PUBLICATION_IS_YOUNGER.matcher(reason).find()
                ? new Failure(
                        Remedy.OPERATOR,
                        "Cannot go on capturing: the slot still holds changes of before the publication was made ("
                                + reason + "). " + ReplicationSlot.ANEW,
                        e)
                : new Failure(Remedy.RETRY, "The stream from PostgreSQL ended: " + reason, e);
    }

    private void awaitEnd(Shutdown shutdown, Runnable watch) throws InterruptedException, ExecutionException {
        while (!shutdown.requested()) {
            try {
                ended.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                look(watch);
            }
        }
    }

    /** Says at once what ends the stream: to stop the engine takes half a minute where its connection is dead. */
    private static void look(Runnable watch) {
        try {
            watch.run();
        } catch (Failure e) {
            LOG.warn("Stopping the stream reason={}", e.getMessage());
            throw e;
        }
    }

    /** Closing interrupts the thread that commits, so the receiver ends first. */
    private void stop(Thread thread) throws InterruptedException {
        receiver.stop();
        // the engine tells PostgreSQL of the last commit when it next looks for records
        thread.join(LOOK.toMillis());
        long deadline = System.nanoTime() + GRACE.toNanos();
        while (thread.isAlive() && System.nanoTime() < deadline) {
            try {
                engine.close();
            } catch (IllegalStateException e) {
                LOG.debug("The engine starts or ends just now, and is closed once it has: {}", e.getMessage());
            } catch (IOException e) {
                LOG.debug("The engine did not close cleanly; all that counts is in raw/changes", e);
            }
            thread.join(LOOK.toMillis());
        }
    }
}
