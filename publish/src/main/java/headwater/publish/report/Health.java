package headwater.publish.report;

import java.util.ArrayList;
import java.util.List;

/**
 * The state of the pipeline as its page shows it, everything already as text.
 *
 * @param takenAt when it was read, for people
 * @param verdict one word: ok, behind, or trouble
 * @param summary the same in a sentence
 * @param hops in the order of a change's way
 * @param slot facts of the replication slot
 * @param rejected rows by table and rule
 * @param passes the last merge passes
 * @param publication facts of the last publication
 * @param problems what could not be read, and why; and tables whose rows need a load
 */
record Health(
        String takenAt,
        String verdict,
        String summary,
        List<Hop> hops,
        List<Fact> slot,
        List<Rejected> rejected,
        List<Pass> passes,
        List<Fact> publication,
        List<String> problems) {

    /** The same figures, which have not been read again since: trouble, whatever they say. */
    Health unread(String problem) {
        List<String> all = new ArrayList<>(problems);
        all.add(problem);
        return new Health(
                takenAt,
                "trouble",
                "A hop does not answer",
                hops,
                slot,
                rejected,
                passes,
                publication,
                List.copyOf(all));
    }

    /**
     * One hop: the oldest LSN of its tables.
     *
     * @param late whether it is further behind than the pipeline allows
     * @param tables each table by itself
     */
    record Hop(
            String name,
            String lsn,
            String rows,
            String bytes,
            String seconds,
            String rate,
            boolean late,
            List<Table> tables) {}

    record Table(String name, String lsn, String rows, String bytes, String seconds, String problem) {}

    record Fact(String name, String value) {}

    record Rejected(String table, String rule, String rows) {}

    record Pass(String lsn, String ended, String seconds, String tables, String bytes) {}
}
