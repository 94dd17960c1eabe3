package headwater.publish;

import headwater.lake.contract.Lsn;
import headwater.publish.mart.RowCount;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a look for work came to.
 *
 * @param lsn where the published tables stand now; null if nothing was ever published
 * @param upserted rows written
 * @param deleted rows deleted
 * @param missing curated tables that do not exist yet
 */
record PublishOutcome(Kind kind, @Nullable Lsn lsn, long upserted, long deleted, List<String> missing) {

    enum Kind {
        PUBLISHED,
        NOTHING_NEW,
        /** A curated table does not exist yet. */
        NOT_BUILT,
        /** A shutdown was requested; the ledger says in progress. */
        STOPPED
    }

    static PublishOutcome published(Lsn lsn, RowCount rows) {
        return new PublishOutcome(Kind.PUBLISHED, lsn, rows.upserted(), rows.deleted(), List.of());
    }

    static PublishOutcome nothingNew(@Nullable Lsn lsn) {
        return new PublishOutcome(Kind.NOTHING_NEW, lsn, 0, 0, List.of());
    }

    static PublishOutcome notBuilt(List<String> missing) {
        return new PublishOutcome(Kind.NOT_BUILT, null, 0, 0, missing);
    }

    static PublishOutcome stopped(@Nullable Lsn lsn) {
        return new PublishOutcome(Kind.STOPPED, lsn, 0, 0, List.of());
    }
}
