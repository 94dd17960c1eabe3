package headwater.lake;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What lake writes to its log meanwhile. */
final class WrittenLog implements AutoCloseable {
    private final Logger logger = (Logger) LoggerFactory.getLogger("headwater.lake");
    private final ListAppender<ILoggingEvent> written = new ListAppender<>();

    WrittenLog() {
        written.start();
        logger.addAppender(written);
    }

    /** Its messages that begin in some way. */
    List<String> lines(String beginning) {
        return written.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.startsWith(beginning))
                .toList();
    }

    @Override
    public void close() {
        logger.detachAppender(written);
    }
}
