package headwater.lake.load;

import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.raw.LoadFile;
import headwater.lake.raw.PageRange;
import headwater.lake.raw.SourceLoad;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One table's load as its page ranges are read, by several threads. A range is durable when {@link #commit} returns, and the load
 * is whole with its last one.
 */
final class TableCopy {
    private static final Logger LOG = LoggerFactory.getLogger(TableCopy.class);

    private final SourceLoad load;
    private final SourceCatalog.Plan plan;
    private final long lsn;
    private final List<PageRange> missing;
    private final AtomicInteger left;
    private final AtomicLong rows;
    private final long kept;
    private final List<LoadFile> waiting = new ArrayList<>();
    private final long startedAt = System.nanoTime();

    private TableCopy(SourceLoad load, SourceCatalog.Plan plan, long lsn, List<LoadFile> durable) {
        this.load = load;
        this.plan = plan;
        this.lsn = lsn;
        this.missing = plan.ranges().stream()
                .filter(range -> durable.stream().noneMatch(file -> file.range().covers(range)))
                .toList();
        this.left = new AtomicInteger(missing.size());
        this.kept = durable.stream().mapToLong(LoadFile::rows).sum();
        this.rows = new AtomicLong(kept);
    }

    /** Prepares the table in the lake, and finds what is durable already. */
    static TableCopy begin(SourceLoad load, SourceCatalog.Plan plan, long lsn) {
        load.prepare(plan.schema(), lsn);
        TableCopy copy = new TableCopy(load, plan, lsn, load.durable(lsn));
        LOG.info(
                "Loading table={} at={} ranges={} missing={}",
                load.spec().source(),
                new Lsn(lsn),
                plan.ranges().size(),
                copy.missing.size());
        if (copy.missing.isEmpty()) {
            copy.finish();
        }
        return copy;
    }

    TableSpec spec() {
        return load.spec();
    }

    SourceLoad load() {
        return load;
    }

    SourceCatalog.Plan plan() {
        return plan;
    }

    /** The ranges that are still to be read. */
    List<PageRange> missing() {
        return missing;
    }

    /** Rows that were durable before. */
    long kept() {
        return kept;
    }

    /** Rows that are read, or were before. */
    long rows() {
        return rows.get();
    }

    /** Makes a range durable; ranges that wait for another's commit go together into the next. */
    void commit(LoadFile file) {
        synchronized (waiting) {
            waiting.add(file);
        }
        synchronized (this) {
            List<LoadFile> together = taken();
            if (!together.isEmpty()) {
                load.append(together, lsn);
                rows.addAndGet(together.stream().mapToLong(LoadFile::rows).sum());
                if (left.addAndGet(-together.size()) == 0) {
                    finish();
                }
            }
        }
    }

    private List<LoadFile> taken() {
        synchronized (waiting) {
            List<LoadFile> taken = List.copyOf(waiting);
            waiting.clear();
            return taken;
        }
    }

    private void finish() {
        load.finish(lsn);
        LOG.info(
                "Loaded table={} rows={} at={} version={} tookMs={}",
                load.spec().source(),
                rows,
                new Lsn(lsn),
                load.log().version(),
                (System.nanoTime() - startedAt) / 1_000_000);
    }
}
