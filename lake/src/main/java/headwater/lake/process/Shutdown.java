package headwater.lake.process;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Turns Ctrl-C and SIGTERM into a flag that long work looks at, and holds the JVM open until that work has ended or the
 * grace period is over. Use it in try-with-resources around the whole command.
 */
public final class Shutdown implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(30);
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);
    private static final CompletableFuture<Integer> EXIT_CODE = new CompletableFuture<>();

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = new Thread(this::requestAndWait, "shutdown");

    public Shutdown() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    public boolean requested() {
        return requested.getCount() == 0;
    }

    /** Asks the work to end, as Ctrl-C does. */
    public void request() {
        requested.countDown();
    }

    /**
     * For work that leaves nothing behind.
     *
     * @throws Failure if a shutdown is requested
     */
    public void check() {
        if (requested()) {
            throw new Failure(Remedy.OPERATOR, "Stopped.");
        }
    }

    /** Waits for the given time, or shorter if a shutdown is requested. */
    public void await(Duration time) {
        try {
            requested.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            requested.countDown();
        }
    }

    /**
     * Runs work that a shutdown breaks off wherever it is, such as Spark's.
     *
     * @param left what the user finds then, and what to do
     * @throws Failure if it was broken off
     */
    public void breakOff(String left, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            throw requested() ? new Failure(Remedy.RETRY, "Stopped. " + left, e) : e;
        }
    }

    /**
     * Ends the JVM with a command's exit code; also where a signal ends it already, whose own code would be 130 or 143
     * however cleanly the work has ended. The last call of every main method.
     */
    public static void exit(int code) {
        EXIT_CODE.complete(code);
        System.exit(code);
    }

    /** Ends the JVM at once, whatever its threads still do; what is durable stays. */
    public static void halt() {
        Runtime.getRuntime().halt(1);
    }

    /** The work has ended: the JVM may go. */
    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the JVM is already going down: that is what the hook waits in
            return;
        }
    }

    private void requestAndWait() {
        requested.countDown();
        try {
            if (ended.await(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                Runtime.getRuntime().halt(EXIT_CODE.get(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // main did not come to its end in time: the signal's own code it is
            return;
        }
    }
}
