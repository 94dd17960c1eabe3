package headwater.capture.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import headwater.capture.RunningCapture;
import headwater.capture.TestingServers;
import headwater.capture.TestingSource;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Failure;
import headwater.lake.process.Shutdown;
import headwater.lake.watch.SourceWatch;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A slot that keeps more WAL than its server allows. */
class SlotWatchIT {
    private static final String TABLE = "CREATE TABLE $.a (id int PRIMARY KEY, v text)";
    private static final String FLOOD =
            "SELECT pg_logical_emit_message(false, 'flood', repeat('x', 1000000)) FROM generate_series(1, 100)";

    @TempDir
    private Path folder;

    @Test
    void aSlotIsWarnedOfBeforeItIsLostAndRefusedAfterwards() throws Exception {
        try (TestingSource source = new TestingSource(List.of("a"), TABLE)) {
            superuser("ALTER SYSTEM SET max_slot_wal_keep_size = '32MB'", "SELECT pg_reload_conf()");
            Pipeline pipeline = source.pipeline(folder);
            try (RunningCapture capture = new RunningCapture(pipeline)) {
                capture.awaitAll(source);
            }
            try (Shutdown shutdown = new Shutdown();
                    SlotClaim claim =
                            SlotClaim.make(pipeline.source(), Duration.ofSeconds(20), Optional.empty(), shutdown)) {
                assertThat(warnings(pipeline, claim)).isEmpty();

                source.execute(FLOOD);

                assertThat(warnings(pipeline, claim))
                        .singleElement()
                        .asString()
                        .matches(
                                "The slot is about to be lost, .* it keeps [0-9]+ MiB, more than max_slot_wal_keep_size.*");
            }
            superuser("CHECKPOINT");
            RunningCapture late = new RunningCapture(pipeline);

            assertThatThrownBy(late::join)
                    .hasRootCauseInstanceOf(Failure.class)
                    .hasMessageContaining("PostgreSQL no longer has the WAL that it needs (wal_status lost")
                    .hasMessageContaining(
                            "Run \"headwater teardown\" and \"headwater setup\", then \"headwater capture --accept-loss\"");
        } finally {
            superuser("ALTER SYSTEM RESET max_slot_wal_keep_size", "SELECT pg_reload_conf()");
        }
    }

    @Test
    void theSessionOfALostClaimIsEndedByTheNext() throws Exception {
        try (TestingSource source = new TestingSource(List.of("a"), TABLE);
                Shutdown shutdown = new Shutdown()) {
            Pipeline pipeline = source.pipeline(folder);
            // as where the network has gone: the server knows nothing of it
            SlotClaim lost = SlotClaim.make(pipeline.source(), Duration.ofSeconds(5), Optional.empty(), shutdown);

            try (SlotClaim next =
                    SlotClaim.make(pipeline.source(), Duration.ZERO, Optional.of(lost.session()), shutdown)) {
                assertThat(next.slot().activePid()).isEmpty();
                assertThatThrownBy(lost::slot).hasMessageContaining("terminating connection");
            }
            lost.close();
        }
    }

    private static List<String> warnings(Pipeline pipeline, SlotClaim claim) {
        Logger log = (Logger) LoggerFactory.getLogger(SlotWatch.class);
        ListAppender<ILoggingEvent> written = new ListAppender<>();
        written.start();
        log.addAppender(written);
        new SlotWatch(claim, new SourceWatch(pipeline), pipeline.capture(), Clock.systemUTC()).look();
        log.detachAppender(written);
        return written.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private static void superuser(String... statements) throws Exception {
        try (Connection connection = TestingServers.postgres().openAsSuperuser();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
