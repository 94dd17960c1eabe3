package headwater.lake.pass;

import headwater.lake.contract.Lsn;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongPredicate;

/**
 * What a pass has to do, decided from positions alone.
 *
 * @param from the position of the table that is furthest behind
 * @param to the position that the pass brings every table to
 * @param cleanse what each cleansed table needs that does not stand there yet
 * @param readsChanges whether raw may have changes in between; without any only positions move
 * @param curates whether curated tables come along: none may mix two moments, so they wait while a table is beyond {@code to}
 */
record PassPlan(long from, long to, List<Cleanse> cleanse, boolean readsChanges, boolean curates) {

    /**
     * What raw/changes holds: every change with {@code begins < LSN <= ends}.
     *
     * @param ends of a pass that is bounded, the bound
     */
    record Reach(long begins, long ends) {}

    /**
     * A cleansed table.
     *
     * @param position the LSN that it reaches
     * @param load the LSN of a load that it does not hold yet and that a pass can apply
     * @param waits for a person; a load is what brings it back
     */
    record Cleansed(String name, long position, OptionalLong load, boolean waits) {
        private boolean takesPart() {
            return load.isPresent() || !waits;
        }
    }

    /**
     * A curated table.
     *
     * @param position the LSN that it reaches, -1 if it is not built
     * @param waits for a person, or for a cleansed table that does
     */
    record Curated(String name, long position, boolean waits) {}

    /**
     * A cleansed table that does not stand at the end of the pass yet.
     *
     * @param load the LSN of the load that all its rows become those of, with the changes since; without one the changes of
     *     the increment are merged
     */
    record Cleanse(String table, OptionalLong load) {}

    /**
     * The load that a table has to apply, if there is one: the newest, if the table does not hold it and raw has all changes
     * from there to the end of the pass. The table may be beyond it already: reading a load takes longer than a pass.
     *
     * @param position of the table
     * @param held the newest load that it holds, -1 for none
     */
    static OptionalLong load(long position, OptionalLong newest, long held, Reach raw) {
        boolean applicable = position < raw.ends()
                && newest.isPresent()
                && newest.getAsLong() > held
                && newest.getAsLong() >= raw.begins()
                && newest.getAsLong() <= raw.ends();
        return applicable ? newest : OptionalLong.empty();
    }

    /**
     * The plan; empty if every table is as new as raw, or nothing but the position has moved and that was just done.
     *
     * @param hasFilesAfter whether raw may hold a change after a position
     * @param emptyCommitIsDue whether positions alone are worth a commit again
     * @throws Failure OPERATOR if changes between a table and raw are lost
     */
    static Optional<PassPlan> of(
            Reach raw,
            List<Cleansed> all,
            List<Curated> curated,
            LongPredicate hasFilesAfter,
            boolean emptyCommitIsDue) {
        all.forEach(table -> refuseGap(table, raw));
        List<Cleansed> cleansed = all.stream().filter(Cleansed::takesPart).toList();
        if (cleansed.isEmpty()) {
            return Optional.empty();
        }
        long oldest = cleansed.stream().mapToLong(Cleansed::position).min().orElseThrow();
        // a table that was loaded later than the rest waits for them: no curated table may mix two moments
        boolean together = cleansed.stream().allMatch(table -> table.position() <= raw.ends());
        boolean unfinished =
                together && curated.stream().anyMatch(table -> !table.waits() && table.position() < oldest);
        boolean behind = oldest < raw.ends();
        boolean loads = cleansed.stream().anyMatch(table -> table.load().isPresent());
        boolean changes = behind && hasFilesAfter.test(oldest);
        if (!unfinished && !(behind && (loads || changes || emptyCommitIsDue))) {
            return Optional.empty();
        }
        List<Cleanse> steps = cleansed.stream()
                .filter(table -> table.position() < raw.ends())
                .map(table -> new Cleanse(table.name(), table.load()))
                .toList();
        return Optional.of(new PassPlan(oldest, raw.ends(), steps, changes, together));
    }

    private static void refuseGap(Cleansed table, Reach raw) {
        long position = table.load().orElse(table.position());
        if (raw.begins() > position) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot merge: raw/changes begins at " + new Lsn(raw.begins()) + " and cleansed/" + table.name()
                            + " ends at " + new Lsn(position)
                            + ", so the changes between are lost. Run \"./headwater backfill --table " + table.name()
                            + "\", then merge as soon as raw/changes has passed the load.");
        }
    }
}
