package headwater.lake;

import io.delta.storage.HDFSLogStore;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * Delta's log store of a folder, at whose requests a test can hold a writer: the threads of one thread group. A request is
 * named by its table, what it is and its number among those, such as {@code cleansed/sale commit 1}.
 */
public final class HeldLogStore extends HDFSLogStore {
    private static final Map<ThreadGroup, Writer> WRITERS = new ConcurrentHashMap<>();

    /** Called by Delta, by reflection. */
    public HeldLogStore(Configuration configuration) {
        super(configuration);
    }

    @Override
    public void write(Path path, Iterator<String> lines, Boolean overwrite, Configuration configuration)
            throws IOException, FileAlreadyExistsException {
        // a checksum beside a log entry says nothing that others do not find out
        if (path.getName().endsWith(".json")) {
            pass(path, "commit");
        }
        super.write(path, lines, overwrite, configuration);
    }

    @Override
    public Iterator<FileStatus> listFrom(Path path, Configuration configuration) throws IOException {
        pass(path, "look");
        return super.listFrom(path, configuration);
    }

    private static void pass(Path path, String request) {
        Writer writer = WRITERS.get(Thread.currentThread().getThreadGroup());
        if (writer != null) {
            Path table = path.getParent().getParent();
            writer.pass(table.getParent().getName() + "/" + table.getName() + " " + request);
        }
    }

    /** One writer, whose requests are noted and which stands still before one of them. */
    static final class Writer implements AutoCloseable {
        private static final long PATIENCE_SECONDS = 120;

        private final ThreadGroup group = new ThreadGroup("writer");
        private final String held;
        private final Map<String, Integer> counts = new TreeMap<>();
        private final List<String> requests = new CopyOnWriteArrayList<>();
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);
        private final Thread thread;
        private volatile RuntimeException failed;

        /** Starts work that stands still before a request, or before none if there is no such one. */
        Writer(String held, Runnable work) {
            this.held = held;
            WRITERS.put(group, this);
            this.thread = new Thread(group, () -> {
                try {
                    work.run();
                } catch (RuntimeException e) {
                    failed = e;
                } finally {
                    reached.countDown();
                }
            });
            thread.start();
        }

        /** Waits until it stands still or has ended. */
        boolean awaitHeld() throws InterruptedException {
            if (!reached.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("neither held at \"" + held + "\" nor ended; requests: " + requests);
            }
            return requests.contains(held);
        }

        /** Lets it go on, and waits for its end; what it failed with, or null. */
        RuntimeException end() throws InterruptedException {
            released.countDown();
            thread.join();
            return failed;
        }

        /** All requests so far, in order. */
        List<String> requests() {
            return requests;
        }

        private void pass(String request) {
            String point;
            synchronized (this) {
                point = request + " " + counts.merge(request, 1, Integer::sum);
                requests.add(point);
            }
            if (!point.equals(held)) {
                return;
            }
            reached.countDown();
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void close() {
            released.countDown();
            WRITERS.remove(group);
        }
    }
}
