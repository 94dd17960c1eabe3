package headwater.publish;

import headwater.lake.contract.Lsn;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.publish.delta.CuratedSnapshot;
import headwater.publish.delta.CuratedVersion;
import headwater.publish.mart.Ledger;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one publication does: all published tables to one LSN.
 *
 * @param before what MySQL said when the plan was made
 */
record PublicationPlan(int epoch, Lsn lsn, Optional<Ledger.PublicationState> before, List<TablePlan> tables) {

    /**
     * Plans from what MySQL has to what all curated tables have.
     *
     * @param whole tables that must not be published by their changes
     * @return empty if MySQL has all of it
     */
    static Optional<PublicationPlan> of(
            List<CuratedSnapshot> tables,
            int epoch,
            Optional<Ledger.PublicationState> before,
            Map<String, Ledger.TableVersion> held,
            Set<String> whole) {
        Lsn lsn = tables.stream()
                .map(CuratedSnapshot::newestLsn)
                .min(Comparator.naturalOrder())
                .orElseThrow();
        if (before.isPresent() && before.get().epoch() > epoch) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot publish source epoch " + epoch + ": MySQL already has epoch "
                            + before.get().epoch() + ". Is this an older lake, or another pipeline of the same name?");
        }
        if (before.isPresent() && isPast(before.get(), epoch, lsn)) {
            return Optional.empty();
        }
        boolean sameLsn = before.isPresent()
                && before.get().complete()
                && before.get().epoch() == epoch
                && lsn.equals(before.get().lsn());
        List<TablePlan> plans = tables.stream()
                .map(table -> {
                    Ledger.TableVersion there = held.get(table.spec().name());
                    CuratedVersion version = sameLsn && there != null && table.isBeyond(there.curated())
                            ? there.curated()
                            : table.upTo(lsn);
                    return TablePlan.of(
                            table, version, there, whole.contains(table.spec().name()));
                })
                .toList();
        boolean nothing = sameLsn && plans.stream().allMatch(plan -> plan.way() == TablePlan.Way.UNCHANGED);
        return nothing ? Optional.empty() : Optional.of(new PublicationPlan(epoch, lsn, before, plans));
    }

    /** Published LSNs never go back. */
    private static boolean isPast(Ledger.PublicationState before, int epoch, Lsn lsn) {
        return before.epoch() == epoch && before.lsn() != null && before.lsn().isAfter(lsn);
    }
}
