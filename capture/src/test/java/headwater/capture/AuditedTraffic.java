package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * One session that changes two tables until it is closed, in transactions of one to forty changes. A trigger writes down
 * every change, in the order of commit because there is one session.
 */
final class AuditedTraffic implements AutoCloseable {
    /** Leaves the machine to capture. */
    private static final Duration PAUSE = Duration.ofMillis(3);

    private final TestingSource source;
    private final Random random;
    private final AtomicBoolean stop = new AtomicBoolean();
    private final CompletableFuture<Void> run;

    AuditedTraffic(TestingSource source, long seed) {
        this.source = source;
        this.random = new Random(seed);
        this.run = CompletableFuture.runAsync(this::run, task -> new Thread(task, "traffic").start());
    }

    /** The tables {@code a} and {@code b} and what the trigger writes down. */
    static TestingSource source() throws SQLException {
        return new TestingSource(
                List.of("a", "b"),
                "CREATE TABLE $.a (id int PRIMARY KEY, v text)",
                "CREATE TABLE $.b (LIKE $.a INCLUDING ALL)",
                "CREATE TABLE $.audit (n bigint GENERATED ALWAYS AS IDENTITY, tx bigint, op text, id int)",
                """
                CREATE FUNCTION $.audit() RETURNS trigger LANGUAGE plpgsql AS ' BEGIN
                  INSERT INTO $.audit (tx, op, id) VALUES (pg_current_xact_id()::text::bigint,
                    CASE TG_OP WHEN ''INSERT'' THEN ''c'' WHEN ''UPDATE'' THEN ''u'' ELSE ''d'' END, coalesce(NEW.id, OLD.id));
                  RETURN NULL; END '""",
                "CREATE TRIGGER t AFTER INSERT OR UPDATE OR DELETE ON $.a FOR EACH ROW EXECUTE FUNCTION $.audit()",
                "CREATE TRIGGER t AFTER INSERT OR UPDATE OR DELETE ON $.b FOR EACH ROW EXECUTE FUNCTION $.audit()");
    }

    /** Raw holds each change of the source once, in the order of commit; returns how many there are. */
    static int assertEachOnce(TestingSource source, List<Map<String, Object>> raw) throws SQLException {
        List<List<String>> made = source.query("SELECT tx, op, id FROM $.audit ORDER BY n");
        List<List<String>> written = raw.stream()
                .map(row -> List.of(
                        row.get("tx_id").toString(),
                        row.get("op").toString(),
                        row.get("key").toString().replaceAll("\\D", "")))
                .toList();
        int first = 0;
        while (first < Math.min(made.size(), written.size()) && made.get(first).equals(written.get(first))) {
            first++;
        }
        // thousands of equal rows would hide the one that differs
        assertThat(around(written, first))
                .as("changes written after the %d that are right", first)
                .isEqualTo(around(made, first));
        assertThat(written).as("changes written").hasSameSizeAs(made);
        assertThat(written).as("changes written").isNotEmpty();
        return written.size();
    }

    /** Ends with the transaction under way. */
    void stop() {
        stop.set(true);
        run.join();
    }

    @Override
    public void close() {
        stop();
    }

    private static List<List<String>> around(List<List<String>> rows, int index) {
        return rows.subList(Math.max(0, Math.min(index, rows.size()) - 3), Math.min(rows.size(), index + 3));
    }

    private void run() {
        while (!stop.get()) {
            try (Connection connection = source.open();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (!stop.get()) {
                    transaction(statement);
                    connection.commit();
                    LockSupport.parkNanos(PAUSE.toNanos());
                }
            } catch (SQLException e) {
                if (!isOutage(e)) {
                    throw new IllegalStateException(e);
                }
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
        }
    }

    /** Whether the server is away or goes down, as some tests let it. */
    private static boolean isOutage(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.startsWith("08") || state.startsWith("57P");
    }

    private void transaction(Statement statement) throws SQLException {
        for (int change = 1 + random.nextInt(40); change > 0; change--) {
            String table = source.name() + (random.nextBoolean() ? ".a" : ".b");
            int id = random.nextInt(1000);
            statement.execute(
                    random.nextInt(4) == 0
                            ? "DELETE FROM " + table + " WHERE id = " + id
                            : "INSERT INTO " + table + " VALUES (" + id + ", 'x') ON CONFLICT (id) DO UPDATE SET v = '"
                                    + random.nextInt() + "'");
        }
    }
}
