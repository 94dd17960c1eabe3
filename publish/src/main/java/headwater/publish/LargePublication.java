package headwater.publish;

import headwater.lake.process.Shutdown;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactions of a publication that is too large for one. Each holds at most so many rows, of one partition of one
 * table, and the ledger's word that a publication is in progress; memory is bounded by the same number.
 */
final class LargePublication {
    private static final Logger LOG = LoggerFactory.getLogger(LargePublication.class);

    private final PublicationPlan plan;
    private final TargetSession session;
    private final Ledger ledger;
    private final int mostRows;
    private final Instant startedAt;
    private Optional<Ledger.Publication> expected;

    LargePublication(PublicationPlan plan, TargetSession session, Ledger ledger, int mostRows, Instant startedAt) {
        this.plan = plan;
        this.session = session;
        this.ledger = ledger;
        this.mostRows = mostRows;
        this.startedAt = startedAt;
        this.expected = plan.before();
    }

    /** Publishes all rows of one table; false if a shutdown came between. */
    boolean publish(PublishedTable table, Shutdown shutdown) {
        Set<RowKey> partitions = new LinkedHashSet<>();
        for (Map.Entry<Map<String, String>, List<FeedFile>> files :
                table.plan().partitions().entrySet()) {
            if (shutdown.requested()) {
                return false;
            }
            RowCount before = table.rows();
            if (table.plan().way() == TablePlan.Way.WHOLE) {
                RowKey partition = table.partition(files.getKey());
                publishWhole(table, partition, files.getValue());
                partitions.add(partition);
            } else {
                publishSlice(table, files.getValue(), 0, 1);
            }
            LOG.info(
                    "Published part of {} partition={} upserted={} deleted={}",
                    table.plan().name(),
                    files.getKey(),
                    table.rows().upserted() - before.upserted(),
                    table.rows().deleted() - before.deleted());
        }
        if (table.plan().way() == TablePlan.Way.WHOLE) {
            deleteOtherPartitions(table, partitions);
        }
        return true;
    }

    /** The transaction that says complete. */
    void last(TargetSession.Work complete) {
        transaction(Ledger.PUBLICATION, complete);
    }

    /** The changes of a part of the keys; of ever smaller parts, where they are too many. */
    private void publishSlice(PublishedTable table, List<FeedFile> files, int slice, int slices) {
        ChangedRows changed = ChangedRows.ofSlice(slice, slices, mostRows, table.keyOrdinals());
        table.read(files, changed);
        if (changed.full()) {
            publishSlice(table, files, slice, slices * 2);
            publishSlice(table, files, slice + slices, slices * 2);
        } else if (changed.size() > 0) {
            List<Object[]> upserts = changed.upserts();
            List<RowKey> deletions = changed.deletions();
            transaction(table.plan().name(), () -> {
                table.target().upsert(upserts);
                table.target().delete(deletions);
            });
            table.count(new RowCount(upserts.size(), deletions.size()));
        }
    }

    private void publishWhole(PublishedTable table, RowKey partition, List<FeedFile> files) {
        beginStage(table, table.plan().table().spec().key());
        Chunks chunks = new Chunks(table);
        table.read(files, chunks);
        chunks.flush();
        deleteUnstaged(table, partition.values());
    }

    private void deleteOtherPartitions(PublishedTable table, Set<RowKey> partitions) {
        List<String> columns = table.plan().table().spec().partitionBy();
        if (columns.isEmpty() && !partitions.isEmpty()) {
            // the one partition was the whole table
            return;
        }
        beginStage(table, columns.isEmpty() ? table.plan().table().spec().key() : columns);
        transaction(table.plan().name(), () -> table.target().stage(List.copyOf(partitions)));
        deleteUnstaged(table, List.of());
    }

    private void beginStage(PublishedTable table, List<String> columns) {
        try {
            table.target().beginStage(columns);
        } catch (SQLException e) {
            throw TargetFault.of("publish " + table.plan().name(), e);
        }
    }

    private void deleteUnstaged(PublishedTable table, List<Object> partition) {
        int[] deleted = new int[1];
        do {
            transaction(table.plan().name(), () -> deleted[0] = table.target().deleteUnstaged(partition, mostRows));
            table.count(new RowCount(0, deleted[0]));
        } while (deleted[0] == mostRows);
    }

    private void transaction(String table, TargetSession.Work work) {
        try {
            session.inTransaction(() -> {
                ledger.fence(expected);
                ledger.begin(plan.epoch(), plan.lsn(), startedAt);
                work.run();
            });
        } catch (SQLException e) {
            throw TargetFault.of("publish " + table, e);
        }
        expected = Optional.of(plan.before()
                .map(before ->
                        new Ledger.Publication(before.epoch(), before.lsn(), false, plan.lsn(), before.committedAt()))
                .orElseGet(() -> new Ledger.Publication(plan.epoch(), null, false, plan.lsn(), null)));
    }

    /** Writes rows as they are read, so many at a time. */
    private final class Chunks implements RowSink {
        private final PublishedTable table;
        private List<Object[]> rows = new ArrayList<>();

        Chunks(PublishedTable table) {
            this.table = table;
        }

        @Override
        public void row(long version, Object[] row) {
            rows.add(row);
            if (rows.size() == mostRows) {
                flush();
            }
        }

        @Override
        public void deletion(long version, Object[] row) {
            throw new IllegalStateException("A snapshot has no deletions");
        }

        @Override
        public boolean full() {
            return false;
        }

        void flush() {
            if (rows.isEmpty()) {
                return;
            }
            rows.sort(Comparator.comparing(row -> RowKey.of(row, table.keyOrdinals())));
            List<RowKey> keys = table.keys(rows);
            List<Object[]> chunk = rows;
            transaction(table.plan().name(), () -> {
                table.target().upsert(chunk);
                table.target().stage(keys);
            });
            table.count(new RowCount(chunk.size(), 0));
            rows = new ArrayList<>();
        }
    }
}
