package headwater.publish.bench.backfill;

import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Progress;
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
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.copy.CopyOut;

/**
 * Every row of some tables by binary COPY, thrown away: what PostgreSQL can deliver. Two connections take ranges of pages
 * from one queue, so that both are busy to the end. Nobody may write to the tables meanwhile.
 *
 * @param rows that came
 * @param bytes of them in PostgreSQL's binary form
 */
record DiscardedCopy(long rows, long bytes) {
    private static final int CONNECTIONS = 2;
    /** 32 MB. */
    private static final long PAGES = 4096;

    /** @param to page after the last */
    private record Range(SourceTable table, long from, long to) {
        String copy() {
            return "COPY (SELECT * FROM " + table.sql() + " WHERE ctid >= '(" + from + ",0)'::tid AND ctid < '(" + to
                    + ",0)'::tid) TO STDOUT (FORMAT binary)";
        }
    }

    /**
     * Reads them.
     *
     * @throws Failure when a shutdown is requested
     */
    static DiscardedCopy of(SourceSettings source, List<SourceTable> tables, Progress progress, Shutdown shutdown)
            throws SQLException {
        Queue<Range> ranges = new ConcurrentLinkedQueue<>(ranges(source, tables));
        ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS);
        try {
            List<Future<DiscardedCopy>> reading = new ArrayList<>();
            for (int connection = 0; connection < CONNECTIONS; connection++) {
                reading.add(threads.submit(() -> read(source, ranges, progress, shutdown)));
            }
            DiscardedCopy all = new DiscardedCopy(0, 0);
            for (Future<DiscardedCopy> each : reading) {
                all = all.plus(each.get());
            }
            shutdown.check();
            return all;
        } catch (ExecutionException | InterruptedException e) {
            throw new Failure(Remedy.OPERATOR, "Cannot read the tables by COPY: " + Failure.reason(e), e);
        } finally {
            threads.shutdownNow();
        }
    }

    private DiscardedCopy plus(DiscardedCopy other) {
        return new DiscardedCopy(rows + other.rows, bytes + other.bytes);
    }

    private static List<Range> ranges(SourceSettings source, List<SourceTable> tables) throws SQLException {
        List<Range> ranges = new ArrayList<>();
        try (Connection connection = source.open()) {
            for (SourceTable table : tables) {
                long pages = new Sql(connection)
                        .one(
                                "SELECT pg_relation_size(?::regclass) / current_setting('block_size')::bigint",
                                row -> row.getLong(1),
                                table.sql());
                for (long from = 0; from < pages; from += PAGES) {
                    ranges.add(new Range(table, from, Math.min(from + PAGES, pages)));
                }
            }
        }
        return ranges;
    }

    private static DiscardedCopy read(SourceSettings source, Queue<Range> ranges, Progress progress, Shutdown shutdown)
            throws SQLException {
        DiscardedCopy all = new DiscardedCopy(0, 0);
        try (Connection connection = source.open()) {
            CopyManager copies = connection.unwrap(PGConnection.class).getCopyAPI();
            for (Range next = ranges.poll(); next != null && !shutdown.requested(); next = ranges.poll()) {
                DiscardedCopy range = read(copies.copyOut(next.copy()));
                progress.add(range.rows());
                all = all.plus(range);
            }
        }
        return all;
    }

    private static DiscardedCopy read(CopyOut copy) throws SQLException {
        long bytes = 0;
        for (byte[] message = copy.readFromCopy(); message != null; message = copy.readFromCopy()) {
            bytes += message.length;
        }
        return new DiscardedCopy(copy.getHandledRowCount(), bytes);
    }
}
