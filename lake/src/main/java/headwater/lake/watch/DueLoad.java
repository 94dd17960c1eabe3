package headwater.lake.watch;

import headwater.lake.contract.Lsn;
import headwater.lake.contract.SourceTable;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Why the rows of a source table in the lake are not those of the source any more, until a load later than an LSN is
 * there.
 *
 * @param lsn of the source when it was noticed
 * @param reason what happened, as the end of a sentence about the table
 * @param lasts whether it still is so: a load made meanwhile would not stay right
 */
public record DueLoad(long lsn, String reason, boolean lasts) {

    /**
     * Whether a load ended it.
     *
     * @param loaded LSN of the newest load that a cleansed table holds, -1 for none that says it
     */
    public boolean isMetBy(long loaded) {
        return !lasts && loaded >= lsn;
    }

    /**
     * What to tell a person.
     *
     * @param tables the pipeline's tables over the source table
     */
    public String sentence(SourceTable source, List<String> tables) {
        String loads = tables.stream()
                .map(table -> "\"headwater backfill --table " + table + "\"")
                .collect(Collectors.joining(" and "));
        return "The source table " + source + " " + reason + ", noticed at " + new Lsn(lsn)
                + ": PostgreSQL sends no event for that, so the lake does not follow. "
                + (lasts ? "Put that right with \"headwater setup\", then run " : "Run ") + loads + ".";
    }
}
