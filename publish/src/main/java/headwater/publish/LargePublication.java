package headwater.publish;

import headwater.lake.process.Shutdown;
import headwater.publish.delta.FeedFile;
import headwater.publish.delta.RowSink;
import headwater.publish.mart.Ledger;
import headwater.publish.mart.RowBytes;
import headwater.publish.mart.RowCount;
import headwater.publish.mart.RowKey;
import headwater.publish.mart.TargetFault;
import headwater.publish.mart.TargetSession;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactions of a publication that is too large for one. Each holds at most so many rows, of one partition of one
 * table, and the ledger's word that a publication is in progress; memory is bounded by that number and by
 * {@link RowBytes#MOST_HELD}.
 */
final class LargePublication {
    private static final Logger LOG = LoggerFactory.getLogger(LargePublication.class);

    private final PublicationPlan plan;
    private final TargetSession session;
    private final Ledger ledger;
    private final int mostRows;
    private final Instant startedAt;
    private Optional<Ledger.PublicationState> expected;

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
        boolean whole = table.plan().way() == TablePlan.Way.WHOLE;
        // nothing to delete in an empty table: the first publication is the largest
        boolean replaces = whole && !query(table, table.target()::isEmpty);
        List<RowKey> partitions = new ArrayList<>();
        for (Map.Entry<Map<String, String>, List<FeedFile>> part :
                table.plan().partitions().entrySet()) {
            if (shutdown.requested()) {
                return false;
            }
            RowCount before = table.rows();
            if (whole) {
                RowKey partition = table.partition(part.getKey());
                partitions.add(partition);
                publishWhole(table, partition, part.getValue(), replaces);
            } else {
                publishSlice(table, part.getValue(), 0, 1);
            }
            LOG.info(
                    "Published part of {} partition={} upserted={} deleted={}",
                    table.plan().name(),
                    part.getKey(),
                    table.rows().upserted() - before.upserted(),
                    table.rows().deleted() - before.deleted());
        }
        if (replaces) {
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

    private void publishWhole(PublishedTable table, RowKey partition, List<FeedFile> files, boolean replaces) {
        if (replaces) {
            beginStage(table, table.plan().table().spec().key());
        }
        Chunks chunks = new Chunks(table, replaces);
        table.read(files, chunks);
        chunks.flush();
        if (replaces) {
            deleteAll(table, () -> table.target().deleteUnstaged(partition.values(), mostRows));
        }
    }

    private void deleteOtherPartitions(PublishedTable table, List<RowKey> partitions) {
        List<String> columns = table.plan().table().spec().partitionBy();
        if (columns.isEmpty() && !partitions.isEmpty()) {
            // the one partition was the whole table
            return;
        }
        if (columns.isEmpty()) {
            beginStage(table, table.plan().table().spec().key());
            deleteAll(table, () -> table.target().deleteUnstaged(List.of(), mostRows));
            return;
        }
        beginStage(table, columns);
        transaction(table.plan().name(), () -> table.target().stage(partitions));
        for (List<Object> partition : query(table, table.target()::unstagedPartitions)) {
            deleteAll(table, () -> table.target().deletePartition(partition, mostRows));
        }
    }

    private interface Query<T> {
        T run() throws SQLException;
    }

    private <T> T query(PublishedTable table, Query<T> query) {
        try {
            return query.run();
        } catch (SQLException e) {
            throw TargetFault.of("publish " + table.plan().name(), e);
        }
    }

    private void beginStage(PublishedTable table, List<String> columns) {
        try {
            table.target().beginStage(columns);
        } catch (SQLException e) {
            throw TargetFault.of("publish " + table.plan().name(), e);
        }
    }

    /** Repeats a deletion of at most so many rows, each in a transaction, until there are no more. */
    private void deleteAll(PublishedTable table, Query<Integer> deletion) {
        int[] deleted = new int[1];
        do {
            transaction(table.plan().name(), () -> deleted[0] = deletion.run());
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
                .map(before -> new Ledger.PublicationState(
                        before.epoch(), before.lsn(), false, plan.lsn(), before.committedAt()))
                .orElseGet(() -> new Ledger.PublicationState(plan.epoch(), null, false, plan.lsn(), null)));
    }

    /** Writes rows as they are read, so many at a time. */
    private final class Chunks implements RowSink {
        private final PublishedTable table;
        private final boolean staged;
        private List<Object[]> rows = new ArrayList<>();
        private long bytes;

        Chunks(PublishedTable table, boolean staged) {
            this.table = table;
            this.staged = staged;
        }

        @Override
        public void row(long version, Object[] row) {
            rows.add(row);
            bytes += RowBytes.of(row);
            if (rows.size() == mostRows || bytes >= RowBytes.MOST_HELD) {
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
            List<Object[]> chunk = rows;
            transaction(table.plan().name(), () -> {
                table.target().upsert(chunk);
                if (staged) {
                    table.target().stage(table.keys(chunk));
                }
            });
            table.count(new RowCount(chunk.size(), 0));
            rows = new ArrayList<>();
            bytes = 0;
        }
    }
}
