package headwater.publish;

import headwater.publish.mart.Ledger;
import headwater.publish.mart.RowCount;
import headwater.publish.mart.RowKey;
import headwater.publish.mart.TargetFault;
import headwater.publish.mart.TargetSession;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A publication whose changed rows are few: all of them and the ledger in one transaction, or none. */
final class SmallPublication {
    private final Map<PublishedTable, ChangedRows> changed;
    /** For messages: the table whose statement runs. */
    private String writing = Ledger.PUBLICATION;

    private SmallPublication(Map<PublishedTable, ChangedRows> changed) {
        this.changed = changed;
    }

    /** Writes into the ledger what each table came to, in the transaction of the rows. */
    interface Completion {
        void complete(Map<PublishedTable, RowCount> counts) throws SQLException;
    }

    /** Reads the changed rows of all tables; empty if they are more than one transaction may have. */
    static Optional<SmallPublication> read(List<PublishedTable> tables, int mostRows) {
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
        return Optional.of(new SmallPublication(few));
    }

    /** How many rows are changed. */
    int rows() {
        return changed.values().stream().mapToInt(ChangedRows::size).sum();
    }

    void publish(PublicationPlan plan, TargetSession session, Ledger ledger, Completion completion) {
        Map<PublishedTable, RowCount> counts = new LinkedHashMap<>();
        try {
            // temporary tables are no part of the transaction, and MySQL may refuse to make them within one
            for (PublishedTable table : changed.keySet()) {
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
                completion.complete(counts);
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
}
