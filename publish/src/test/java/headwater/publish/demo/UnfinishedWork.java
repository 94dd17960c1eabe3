package headwater.publish.demo;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/**
 * Follows a process's log for a piece of work that its log says has begun and not yet ended, such as {@code Committing
 * raw batch} without {@code Committed raw batch}.
 */
record UnfinishedWork(Path log, String begun, String ended) {

    /** Waits for the next piece of work to begin. */
    void await(Duration patience) {
        Instant deadline = Instant.now().plus(patience);
        long from = length();
        while (!open(from)) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("\"" + begun + "\" did not appear in " + log + " within " + patience);
            }
            // polls a file that another process writes: there is nothing to wait on
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Whether the last piece of work that began after a place of the log has not ended. */
    boolean open(long from) {
        String text = textFrom(from);
        int begin = text.lastIndexOf(begun);
        return begin >= 0 && text.indexOf(ended, begin) < 0;
    }

    /** Bytes of the log so far, 0 before the process has begun it. */
    long length() {
        if (!Files.exists(log)) {
            return 0;
        }
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            return file.length();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String textFrom(long from) {
        if (!Files.exists(log)) {
            return "";
        }
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            // a process that starts begins its log anew
            long start = file.length() < from ? 0 : from;
            byte[] bytes = new byte[(int) (file.length() - start)];
            file.seek(start);
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
