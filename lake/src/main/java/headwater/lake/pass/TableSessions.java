package headwater.lake.pass;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.spark.sql.SparkSession;

/**
 * One Spark session per table, since views and the fence of a write belong to a session, and threads that work on
 * several tables side by side: small steps wait for the driver and the store more than for a core.
 */
public final class TableSessions implements AutoCloseable {
    private static final int THREADS = 4;

    private final SparkSession spark;
    private final Map<String, SparkSession> sessions = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, work -> {
        Thread thread = new Thread(work, "table");
        thread.setDaemon(true);
        return thread;
    });

    public TableSessions(SparkSession spark) {
        this.spark = spark;
    }

    SparkSession of(String table) {
        return sessions.computeIfAbsent(table, name -> spark.newSession());
    }

    /** Runs work for each item in its table's session; all of it ends before the first failure is thrown. */
    public <T> void forEach(List<T> items, Function<T, String> table, Consumer<T> work) {
        attempt(items, table, work).values().stream().findFirst().ifPresent(failed -> {
            throw failed;
        });
    }

    /** The same; returns what failed, by the table's name in the order of the items. */
    <T> Map<String, RuntimeException> attempt(List<T> items, Function<T, String> table, Consumer<T> work) {
        Map<String, Future<?>> running = new LinkedHashMap<>();
        for (T item : items) {
            running.put(table.apply(item), threads.submit(() -> {
                SparkSession.setActiveSession(of(table.apply(item)));
                work.accept(item);
            }));
        }
        Map<String, RuntimeException> failed = new LinkedHashMap<>();
        for (Map.Entry<String, Future<?>> each : running.entrySet()) {
            try {
                each.getValue().get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Error error) {
                    throw error;
                }
                failed.put(each.getKey(), (RuntimeException) e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while tables were worked on", e);
            }
        }
        return failed;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
