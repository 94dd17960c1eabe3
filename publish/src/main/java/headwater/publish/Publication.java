package headwater.publish;

import headwater.lake.process.Shutdown;
import headwater.publish.mart.Ledger;
import headwater.publish.mart.RowCount;
import headwater.publish.mart.RowKey;
import headwater.publish.mart.TargetFault;
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
    /** For messages: the table whose statement runs. */
    private String writing = Ledger.PUBLICATION;

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
        Optional<Map<PublishedTable, ChangedRows>> few = readFew();
        if (few.isPresent()) {
            publish(few.get());
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

    /** The changed rows of all tables; empty if they are more than one transaction may have. */
    private Optional<Map<PublishedTable, ChangedRows>> readFew() {
        Map<PublishedTable, ChangedRows> few = new LinkedHashMap<>();
        int left = mostRows;
        for (PublishedTable table : tables) {
            ChangedRows rows = ChangedRows.upTo(left, table.keyOrdinals());
            table.read(table.plan().files(), rows);
            if (rows.full()) {
                return Optional.empty();
            }
            left -= rows.size();
            few.put(table, rows);
        }
        return Optional.of(few);
    }

    private void publish(Map<PublishedTable, ChangedRows> changed) {
        logStart(changed.values().stream().mapToInt(ChangedRows::size).sum());
        Map<PublishedTable, RowCount> counts = new LinkedHashMap<>();
        try {
            // temporary tables are no part of the transaction, and MySQL may refuse to make them within one
            for (PublishedTable table : tables) {
                if (table.plan().way() == TablePlan.Way.WHOLE) {
                    table.target().beginStage(table.plan().table().spec().key());
                }
            }
            session.inTransaction(() -> {
                ledger.fence(plan.before());
                for (Map.Entry<PublishedTable, ChangedRows> table : changed.entrySet()) {
                    counts.put(table.getKey(), write(table.getKey(), table.getValue()));
                }
                writing = Ledger.PUBLICATION;
                complete(counts);
            });
        } catch (SQLException e) {
            throw TargetFault.of("publish " + writing, e);
        }
        counts.forEach(PublishedTable::count);
    }

    private RowCount write(PublishedTable table, ChangedRows changed) throws SQLException {
        writing = table.plan().name();
        List<Object[]> upserts = changed.upserts();
        List<RowKey> deletions = changed.deletions();
        table.target().upsert(upserts);
        table.target().delete(deletions);
        int deleted = deletions.size();
        if (table.plan().way() == TablePlan.Way.WHOLE) {
            table.target().stage(table.keys(upserts));
            deleted = table.target().deleteUnstaged(List.of(), Integer.MAX_VALUE);
        }
        return new RowCount(upserts.size(), deleted);
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
