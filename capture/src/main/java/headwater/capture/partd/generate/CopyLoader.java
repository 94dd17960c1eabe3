package headwater.capture.partd.generate;

import headwater.capture.partd.source.CopyText;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads a year by parallel COPY. Every chunk is one transaction together with its row in {@link GeneratedYear}, so a
 * load that was stopped or killed goes on with the chunks that are missing, and none is ever loaded twice.
 */
public final class CopyLoader {
    private static final Logger LOG = LoggerFactory.getLogger(CopyLoader.class);
    private static final int PIECE = 1 << 16;
    private static final int CITIES = -2;
    private static final int DRUGS = -1;

    private final SourceSettings source;
    private final PartDShape shape;
    private final GeneratedYear year;
    private final Shutdown shutdown;
    private final AtomicBoolean failed = new AtomicBoolean();
    private final Queue<Integer> waiting = new ConcurrentLinkedQueue<>();

    public CopyLoader(SourceSettings source, PartDShape shape, GeneratedYear year, Shutdown shutdown) {
        this.source = source;
        this.shape = shape;
        this.year = year;
        this.shutdown = shutdown;
    }

    /**
     * Loads the chunks that are not there yet, on so many connections, until all are committed or a shutdown is requested.
     *
     * @param committed told the rows of prescriber_drug of each chunk, by any thread
     * @return whether the year is whole
     */
    public boolean load(int parallelism, LongConsumer committed) {
        if (year.firstStateId() > 0) {
            waiting.add(CITIES);
        }
        waiting.add(DRUGS);
        for (int chunk = 0; chunk < shape.size().chunks(); chunk++) {
            waiting.add(chunk);
        }
        waiting.removeIf(year.loadedChunks()::contains);
        year.loadedChunks().stream()
                .filter(chunk -> chunk >= 0)
                .forEach(chunk -> committed.accept(shape.size().rows(chunk)));
        ExecutorService workers = Executors.newFixedThreadPool(parallelism);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < parallelism; i++) {
                running.add(workers.submit(() -> work(committed)));
            }
            awaitAll(running);
        } finally {
            workers.shutdown();
        }
        return waiting.isEmpty();
    }

    private void awaitAll(List<Future<?>> running) {
        Failure first = null;
        for (Future<?> worker : running) {
            try {
                worker.get();
            } catch (ExecutionException e) {
                first = first != null ? first : failure(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failed.set(true);
                throw new Failure(Remedy.RETRY, "Interrupted while loading year " + year.year() + ".", e);
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private Failure failure(ExecutionException thrown) {
        return thrown.getCause() instanceof Failure known
                ? known
                : new Failure(
                        Remedy.OPERATOR,
                        "Cannot load year " + year.year() + ": " + Failure.reason(thrown)
                                + ". Mend that, then run the same command again: it goes on where it stopped.",
                        thrown);
    }

    private Void work(LongConsumer committed) throws SQLException {
        boolean done = false;
        try (Connection connection = source.open()) {
            connection.setAutoCommit(false);
            // the commit that marks the year as finished makes all earlier ones durable
            new Sql(connection).run("SET synchronous_commit = off");
            connection.commit();
            PartDRows rows = new PartDRows(shape, year.year(), year.firstDrugRowId(), year.firstPrescriberId());
            CopyText first = new CopyText();
            CopyText second = new CopyText();
            for (Integer chunk = next(); chunk != null; chunk = next()) {
                first.clear();
                second.clear();
                loadChunk(connection, chunk, rows, first, second);
                committed.accept(chunk < 0 ? 0 : shape.size().rows(chunk));
            }
            done = true;
        } finally {
            failed.compareAndSet(false, !done);
        }
        return null;
    }

    private @Nullable Integer next() {
        return shutdown.requested() || failed.get() ? null : waiting.poll();
    }

    private void loadChunk(Connection connection, int chunk, PartDRows rows, CopyText first, CopyText second)
            throws SQLException {
        year.claim(connection, chunk);
        if (chunk == CITIES) {
            new ReferenceRows(shape).writeCities(year.firstStateId(), first);
            copy(connection, "cms.state", "id, city, state_id, state_name, county_name, population", first);
        } else if (chunk == DRUGS) {
            new ReferenceRows(shape).writeDrugs(year.year(), year.firstDrugId(), first);
            copy(connection, "cms.drug", ReferenceRows.DRUG_COLUMNS, first);
        } else {
            rows.write(chunk, first, second);
            copy(connection, "cms.prescriber", PrescriberTotals.COLUMNS, first);
            copy(connection, "cms.prescriber_drug", PartDRows.COLUMNS, second);
        }
        connection.commit();
        LOG.debug("Committed generated chunk year={} chunk={}", year.year(), chunk);
    }

    private static void copy(Connection connection, String table, String columns, CopyText rows) throws SQLException {
        CopyIn copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY " + table + " (" + columns + ") FROM STDIN");
        try {
            for (int at = 0; at < rows.length(); at += PIECE) {
                copy.writeToCopy(rows.buffer(), at, Math.min(PIECE, rows.length() - at));
            }
            copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }
}
