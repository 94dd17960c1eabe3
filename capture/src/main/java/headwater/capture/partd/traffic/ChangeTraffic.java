package headwater.capture.partd.traffic;

import headwater.capture.partd.traffic.TrafficTotals.Count;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Retry;
import headwater.lake.process.Shutdown;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.util.Locale;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * Changes rows of the Medicare Part D source at a rate, on one connection, in transactions of all shapes. Outlives a lost
 * connection: it connects again and goes on. Only transactions whose commit was acknowledged are counted.
 */
public final class ChangeTraffic {
    static final int LARGE_ROWS = 500;

    private static final Duration RETRY_CEILING = Duration.ofSeconds(5);
    private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(5);
    /** What a slow stretch may be made up for afterwards. */
    private static final double MOST_SECONDS_BEHIND = 2;

    private final SourceSettings source;
    private final int perSecond;
    private final TrafficMix mix;
    private final PrintStream out;
    private final SplittableRandom random;
    private final TrafficStatements statements;
    private final TrafficTotals totals = new TrafficTotals();

    private final long startedAt = System.nanoTime();
    private long paceFrom;
    private long pacedChanges;
    private long nextReportAt = startedAt + BETWEEN_REPORTS.toNanos();

    /**
     * @param perSecond row changes per second to commit
     * @param out where counts are printed every few seconds
     */
    public ChangeTraffic(SourceSettings source, int perSecond, TrafficMix mix, long seed, PrintStream out) {
        this.source = source;
        this.perSecond = perSecond;
        this.mix = mix;
        this.out = out;
        this.random = new SplittableRandom(seed);
        this.statements = new TrafficStatements(random, Math.min(LARGE_ROWS, Math.max(10, perSecond * 5)));
    }

    /** What is committed so far. */
    public TrafficTotals totals() {
        return totals;
    }

    /** Runs until a shutdown is requested or {@code done} says so, asked after each transaction. */
    public TrafficTotals run(Shutdown shutdown, Predicate<TrafficTotals> done) {
        Retry retry = new Retry(RETRY_CEILING);
        while (!shutdown.requested() && !done.test(totals)) {
            try (Connection connection = open()) {
                connection.setAutoCommit(false);
                pace();
                while (!shutdown.requested() && !done.test(totals)) {
                    transaction(connection);
                    retry.succeeded();
                    report();
                    awaitPace(shutdown);
                }
            } catch (SQLException e) {
                again(retry, e, shutdown);
            } catch (Failure e) {
                if (e.remedy() != Remedy.RETRY) {
                    throw e;
                }
                again(retry, e, shutdown);
            }
        }
        return totals;
    }

    private Connection open() {
        Properties further = new Properties();
        // a server that is gone without a word must not hold the traffic for ever
        further.setProperty("socketTimeout", "60");
        return source.open(further);
    }

    private void again(Retry retry, Exception thrown, Shutdown shutdown) {
        String state = thrown instanceof SQLException sql ? String.valueOf(sql.getSQLState()) : "08";
        if (state.equals("42P01") || state.equals("3F000")) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot make change traffic: " + Failure.reason(thrown)
                            + ". Run \"headwater generate --rows N\" first.",
                    thrown);
        }
        if (!state.startsWith("08") && !state.startsWith("57P")) {
            throw new Failure(Remedy.OPERATOR, "Cannot make change traffic: " + Failure.reason(thrown) + ".", thrown);
        }
        totals.add(Count.RECONNECTS, 1);
        retry.after("Change traffic", thrown, shutdown);
    }

    /** One transaction; a conflict with a row that is there already only rolls it back. */
    private void transaction(Connection connection) throws SQLException {
        TrafficTotals changed = new TrafficTotals();
        try {
            int shape = random.nextInt(100);
            statements.begin();
            changes(connection, changed);
            if (shape < 4) {
                connection.rollback();
                totals.add(Count.ROLLED_BACK, 1);
                return;
            }
            if (shape < 12) {
                Savepoint savepoint = connection.setSavepoint();
                int broken = statements.brokenSoFar();
                changes(connection, new TrafficTotals());
                connection.rollback(savepoint);
                statements.rolledBackTo(broken);
                changes(connection, changed);
                changed.add(Count.SAVEPOINTS, 1);
            }
            connection.commit();
        } catch (SQLException e) {
            if (!conflict(e)) {
                throw e;
            }
            connection.rollback();
            totals.add(Count.ROLLED_BACK, 1);
            return;
        }
        statements.committed();
        changed.add(Count.TRANSACTIONS, 1);
        totals.add(changed);
    }

    /** One to a few changes: more to a transaction at higher rates, as commits cost the most. */
    private void changes(Connection connection, TrafficTotals changed) throws SQLException {
        int count = 1 + random.nextInt(1 + perSecond / 40);
        for (int i = 0; i < count; i++) {
            TrafficMix.Kind kind = mix.pick(random);
            statements.execute(kind, new TrafficTransaction(connection, changed));
            if (kind == TrafficMix.Kind.LARGE || kind == TrafficMix.Kind.MULTI) {
                return;
            }
        }
    }

    /** A unique key that is taken, a deadlock or a serialization failure. */
    private static boolean conflict(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.equals("23505") || state.startsWith("40");
    }

    private void pace() {
        paceFrom = System.nanoTime();
        pacedChanges = totals.changes();
    }

    private void awaitPace(Shutdown shutdown) {
        double ahead = (totals.changes() - pacedChanges) / (double) perSecond - (System.nanoTime() - paceFrom) / 1e9;
        if (ahead < -MOST_SECONDS_BEHIND) {
            pace();
        } else if (ahead > 0.001) {
            shutdown.await(Duration.ofMillis((long) (ahead * 1_000)));
        }
    }

    private void report() {
        long now = System.nanoTime();
        if (now < nextReportAt) {
            return;
        }
        nextReportAt = now + BETWEEN_REPORTS.toNanos();
        double seconds = (now - startedAt) / 1e9;
        out.printf(Locale.ROOT, "%7.1f s  %,.0f changes/s  %s%n", seconds, totals.changes() / seconds, totals);
    }
}
