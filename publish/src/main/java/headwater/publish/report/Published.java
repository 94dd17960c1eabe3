package headwater.publish.report;

import headwater.lake.contract.Lsn;
import headwater.publish.mart.Ledger;
import java.time.Instant;
import java.util.Optional;

/**
 * What the published tables hold.
 *
 * @param lsn everything that the source committed up to here
 * @param committedAt when MySQL had it
 * @param target where a large publication leads that is on its way; the tables then mix both
 */
record Published(Lsn lsn, Instant committedAt, Optional<Lsn> target) {

    /** Empty before the first complete publication. */
    static Optional<Published> of(Ledger.PublicationState ledger) {
        Lsn lsn = ledger.lsn();
        Instant committedAt = ledger.committedAt();
        return lsn == null || committedAt == null
                ? Optional.empty()
                : Optional.of(new Published(lsn, committedAt, Optional.ofNullable(ledger.targetLsn())));
    }
}
