package headwater.publish;

import headwater.lake.process.Shutdown;
import headwater.publish.mart.Ledger;
import headwater.publish.mart.RowCount;
import headwater.publish.mart.TargetSession;
import io.delta.kernel.engine.Engine;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out one plan: in one transaction with all rows and the ledger if the rows are few, else partition by
 * partition, with the ledger 'in progress' until the last transaction. Whatever ends it, the next publication starts
 * from the ledger and writes final images only, so it repeats nothing that matters.
 */
final class Publication {
    private static final Logger LOG = LoggerFactory.getLogger(Publication.class);

    private final PublicationPlan plan;
    private final TargetSession session;
    private final Ledger ledger;
    private final List<PublishedTable> tables = new ArrayList<>();
    private final int mostRows;
    private final Shutdown shutdown;
    private final Instant startedAt = Instant.now();

    Publication(
            PublicationPlan plan, Engine engine, TargetSession session, Ledger ledger, int mostRows, Shutdown shutdown)
            throws SQLException {
        this.plan = plan;
        this.session = session;
        this.ledger = ledger;
        this.mostRows = mostRows;
        this.shutdown = shutdown;
        for (TablePlan table : plan.tables()) {
            tables.add(new PublishedTable(table, engine, session.connection()));
        }
    }

    /** Rows written and deleted; empty if a shutdown came between two transactions of a large publication. */
    Optional<RowCount> run() {
        Optional<SmallPublication> few = SmallPublication.read(tables, mostRows);
        if (few.isPresent()) {
            logStart(few.get().rows());
            few.get().publish(plan, session, ledger, this::complete);
        } else if (!publishByPartition()) {
            LOG.info("Stopped within a publication to={}; the next one goes on from the ledger", plan.lsn());
            return Optional.empty();
        }
        RowCount rows = tables.stream().map(PublishedTable::rows).reduce(RowCount.NONE, RowCount::plus);
        LOG.info(
                "Published rows upserted={} deleted={} to={} tookMs={}",
                rows.upserted(),
                rows.deleted(),
                plan.lsn(),
                Duration.between(startedAt, Instant.now()).toMillis());
        return Optional.of(rows);
    }

    private boolean publishByPartition() {
        logStart(-1);
        LargePublication large = new LargePublication(plan, session, ledger, mostRows, startedAt);
        for (PublishedTable table : tables) {
            if (!large.publish(table, shutdown)) {
                return false;
            }
        }
        Map<PublishedTable, RowCount> counts = new LinkedHashMap<>();
        tables.forEach(table -> counts.put(table, table.rows()));
        large.last(() -> complete(counts));
        return true;
    }

    private void complete(Map<PublishedTable, RowCount> counts) throws SQLException {
        for (Map.Entry<PublishedTable, RowCount> table : counts.entrySet()) {
            TablePlan done = table.getKey().plan();
            ledger.complete(done.name(), plan.epoch(), done.version(), table.getValue());
        }
        RowCount all = counts.values().stream().reduce(RowCount.NONE, RowCount::plus);
        ledger.complete(plan.epoch(), plan.lsn(), startedAt, all);
    }

    private void logStart(int rows) {
        String ways = String.join(
                ",",
                tables.stream()
                        .map(table -> table.plan().name() + ":"
                                + table.plan().way().name().toLowerCase(Locale.ROOT))
                        .toList());
        LOG.info(
                "Publishing to={} from={} tables={} rows={}",
                plan.lsn(),
                plan.before().map(before -> String.valueOf(before.lsn())).orElse("nothing"),
                ways,
                rows < 0 ? "more than " + mostRows : rows);
    }
}
