package headwater.capture;

import headwater.capture.raw.RawTable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/** What goes wrong in the store of one lake, each time that a test asks for it, and how often it did. */
final class Faults {
    /** What capture writes for a commit, in this order. */
    enum Written {
        DATA_FILE,
        /** From here on the rows are durable. */
        LOG_ENTRY,
        CHECKSUM,
        OTHER
    }

    private enum When {
        BEFORE,
        AFTER
    }

    /** The moments of a commit at which the store fails. */
    enum Fault {
        /** There is no data file. */
        DATA_FILE_REFUSED(When.BEFORE, Written.DATA_FILE),
        /** The same, with an exception after which Debezium would go on with the next batch. */
        DATA_FILE_REFUSED_FOR_NOW(When.BEFORE, Written.DATA_FILE),
        /** The data file is there, and the writer is told that it is not. */
        DATA_FILE_ANSWER_LOST(When.AFTER, Written.DATA_FILE),
        /** All data files are there, and the log entry is not, however often it is tried. */
        COMMIT_REFUSED(When.BEFORE, Written.LOG_ENTRY),
        /** The log entry is there, and the writer is told that it is not. */
        COMMIT_ANSWER_LOST(When.AFTER, Written.LOG_ENTRY),
        /** The same, and the writer that looks for the entry gets no answer before it opens the table again. */
        COMMIT_OUTCOME_UNKNOWN(When.AFTER, Written.LOG_ENTRY);

        private final When when;
        private final Written object;

        Fault(When when, Written object) {
            this.when = when;
            this.object = object;
        }
    }

    /** A write that waits in the store. */
    static final class Hold {
        private static final Duration LONGEST = Duration.ofMinutes(1);

        private final Written object;
        private final CountDownLatch held = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        private Hold(Written object) {
            this.object = object;
        }

        boolean held() {
            return held.getCount() == 0;
        }

        void release() {
            released.countDown();
        }

        private void pass() throws IOException {
            held.countDown();
            try {
                if (!released.await(LONGEST.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new IOException("Held for " + LONGEST);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("Interrupted while held", e);
            }
        }
    }

    private static final Map<String, Faults> BUCKETS = new ConcurrentHashMap<>();

    private final Map<Fault, Integer> hits = new EnumMap<>(Fault.class);
    private @Nullable Fault next;
    private @Nullable Hold hold;
    /** Gets no answer for so many more reads. */
    private @Nullable Thread blind;

    private int unanswered;
    private int refusals;
    private boolean full;
    private int foundNoRoom;

    /** Those of a bucket, which is the authority of the lake's root. */
    static Faults of(String bucket) {
        return BUCKETS.computeIfAbsent(bucket, name -> new Faults());
    }

    /** The setting {@code lake:} of a pipeline whose lake lies in a folder and has the faults of a bucket. */
    static String lake(String bucket, Path folder) {
        return "root: \"s3://%s%s\"%n  options: {fs.s3.impl: %s}"
                .formatted(bucket, folder.toAbsolutePath(), FaultyFileSystem.class.getName());
    }

    /** The next write of that kind fails. */
    synchronized void inject(Fault fault) {
        next = fault;
    }

    /** The next object of that kind waits to be written. */
    synchronized Hold hold(Written object) {
        hold = new Hold(object);
        return hold;
    }

    /** No write finds room from now on. */
    synchronized void fill() {
        full = true;
    }

    synchronized void makeRoom() {
        full = false;
    }

    synchronized int hits(Fault fault) {
        return hits.getOrDefault(fault, 0);
    }

    synchronized int foundNoRoom() {
        return foundNoRoom;
    }

    /** The store is about to keep an object. */
    void before(Written object) throws IOException {
        Hold waiting = taken(object);
        if (waiting != null) {
            waiting.pass();
        }
        fail(When.BEFORE, object);
    }

    /** The store has kept an object. */
    void after(Written object) throws IOException {
        fail(When.AFTER, object);
    }

    /** The store is about to read an object. */
    synchronized void read(Written object) throws IOException {
        if (object == Written.LOG_ENTRY
                && unanswered > 0
                && Thread.currentThread().equals(blind)) {
            unanswered--;
            throw new IOException("No answer");
        }
    }

    /** Whether the disk is full; if so the write that asks fails. */
    synchronized boolean isFull() {
        foundNoRoom += full ? 1 : 0;
        return full;
    }

    private synchronized @Nullable Hold taken(Written object) {
        Hold waiting = hold;
        if (waiting == null || waiting.object != object) {
            return null;
        }
        hold = null;
        return waiting;
    }

    private synchronized void fail(When when, Written object) throws IOException {
        Fault fault = next;
        if (fault == null || fault.when != when || fault.object != object) {
            return;
        }
        refusals++;
        if (fault != Fault.COMMIT_REFUSED || refusals == RawTable.ATTEMPTS) {
            blind = Thread.currentThread();
            unanswered = fault == Fault.COMMIT_OUTCOME_UNKNOWN ? RawTable.ATTEMPTS : 0;
            hits.merge(fault, 1, Integer::sum);
            next = null;
            refusals = 0;
        }
        if (fault == Fault.DATA_FILE_REFUSED_FOR_NOW) {
            throw new RetriableException("Injected: " + fault);
        }
        throw new IOException("Injected: " + fault);
    }
}
