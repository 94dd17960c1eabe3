package headwater.lake.process;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What is tried again and again. */
class RetryTest {
    @Test
    void whatFailsInTheSameWayFiveTimesIsAnErrorWithItsTrace() {
        Logger log = (Logger) LoggerFactory.getLogger(Retry.class);
        ListAppender<ILoggingEvent> written = new ListAppender<>();
        written.start();
        log.addAppender(written);
        Retry retry = new Retry(Duration.ZERO);
        try (Shutdown shutdown = new Shutdown()) {
            for (int attempt = 0; attempt < 4; attempt++) {
                retry.after("Step", new IllegalStateException("the same"), shutdown);
            }
            retry.after("Step", new IllegalStateException("another"), shutdown);
            for (int attempt = 0; attempt < 5; attempt++) {
                retry.after("Step", new IllegalStateException("the same"), shutdown);
            }
        }
        log.detachAppender(written);

        assertThat(written.list)
                .extracting(ILoggingEvent::getLevel)
                .startsWith(Level.WARN)
                .hasSize(10);
        assertThat(written.list.subList(0, 9))
                .extracting(ILoggingEvent::getLevel)
                .containsOnly(Level.WARN);
        ILoggingEvent last = written.list.get(9);
        assertThat(last.getLevel()).isEqualTo(Level.ERROR);
        assertThat(last.getFormattedMessage()).startsWith("Step has failed 5 times in the same way");
        assertThat(last.getThrowableProxy().getClassName()).isEqualTo(IllegalStateException.class.getName());
    }
}
