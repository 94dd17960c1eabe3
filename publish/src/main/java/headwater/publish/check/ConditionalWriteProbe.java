package headwater.publish.check;

import io.delta.storage.LogStore;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Lets several writers create one object at the same moment, some times over. Where more than one of them is told that it
 * did, two processes would commit the same version of a table and one of the commits would be lost.
 */
final class ConditionalWriteProbe {
    static final int WRITERS = 8;
    static final int ROUNDS = 6;

    private final LogStore store;
    private final Configuration configuration;

    /** @param store the one that commits to Delta tables there */
    ConditionalWriteProbe(LogStore store, Configuration configuration) {
        this.store = store;
        this.configuration = configuration;
    }

    /**
     * Runs all rounds and deletes what it wrote.
     *
     * @param prefix where the objects go; nothing else begins with it
     * @return what is wrong, or empty if exactly one writer won each round
     * @throws IOException if a round has no winner
     */
    Optional<String> run(Path prefix) throws IOException {
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
        try {
            int violated = 0;
            int mostWinners = 1;
            for (int round = 0; round < ROUNDS; round++) {
                int winners = winners(writers, new Path(prefix + "-" + round));
                violated += winners > 1 ? 1 : 0;
                mostWinners = Math.max(mostWinners, winners);
            }
            return violated == 0
                    ? Optional.empty()
                    : Optional.of("its If-None-Match is not atomic: in " + violated + " of " + ROUNDS + " rounds up to "
                            + mostWinners + " of " + WRITERS
                            + " writers created the same object, so two processes would lose commits. Use a store whose"
                            + " conditional writes are, such as AWS S3");
        } finally {
            writers.shutdownNow();
        }
    }

    private int winners(ExecutorService writers, Path object) throws IOException {
        CyclicBarrier together = new CyclicBarrier(WRITERS);
        List<Callable<Optional<IOException>>> attempts = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            List<String> line = List.of("writer " + writer);
            attempts.add(() -> {
                together.await();
                return attempt(object, line);
            });
        }
        try {
            List<IOException> lost = new ArrayList<>();
            for (Future<Optional<IOException>> attempt : writers.invokeAll(attempts)) {
                attempt.get().ifPresent(lost::add);
            }
            if (lost.size() == WRITERS) {
                throw noWinner(lost);
            }
            return WRITERS - lost.size();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } finally {
            object.getFileSystem(configuration).delete(object, false);
        }
    }

    /** Why the writer did not win, or empty if it was told that it did. */
    private Optional<IOException> attempt(Path object, List<String> line) {
        try {
            store.write(object, line.iterator(), false, configuration);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e);
        }
    }

    /** What stopped them, rather than that each found another's object. */
    private static IOException noWinner(List<IOException> lost) {
        return lost.stream()
                .filter(reason -> !(reason instanceof FileAlreadyExistsException))
                .findFirst()
                .orElse(lost.get(0));
    }
}
