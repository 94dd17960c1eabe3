package headwater.capture.partd.traffic;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What change traffic committed, and what it rolled back on purpose. Every changed row counts once, in one of the first
 * eight. Safe to read while the traffic runs.
 */
public final class TrafficTotals {

    /** What is counted; its name in the line of totals is that of {@link #label()}. */
    public enum Count {
        INSERTS("inserts"),
        /** Updates that are none of the five that follow. */
        UPDATES("updates"),
        DELETES("deletes"),
        /** Updates of an id, the replica identity. */
        KEY_CHANGES("keyChanges"),
        /** Updates of an NPI or a brand name. */
        BUSINESS_KEY_CHANGES("businessKeyChanges"),
        /** Updates that take a row to another state. */
        MOVES("moves"),
        RULE_BREAKS("ruleBreaks"),
        MENDS("mends"),
        TRANSACTIONS("transactions"),
        /** Changes that belong together in several tables: a prescriber or a drug with its rows, a city. */
        MULTI_TABLE("multiTable"),
        /** Committed transactions that rolled back to a savepoint. */
        SAVEPOINTS("savepoints"),
        /** Transactions rolled back, on purpose or by a conflict. */
        ROLLED_BACK("rolledBack"),
        RECONNECTS("reconnects");

        private final String label;

        Count(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    private final Map<Count, Long> counts = new ConcurrentHashMap<>();

    public long of(Count count) {
        return counts.getOrDefault(count, 0L);
    }

    /** Rows changed in committed transactions. */
    public long changes() {
        return EnumSet.range(Count.INSERTS, Count.MENDS).stream()
                .mapToLong(this::of)
                .sum();
    }

    void add(Count count, long more) {
        counts.merge(count, more, Long::sum);
    }

    void add(TrafficTotals more) {
        for (Count count : Count.values()) {
            add(count, more.of(count));
        }
    }

    /** Such as {@code inserts=12 updates=31 ...}, each count by its label. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(" ");
        for (Count count : Count.values()) {
            text.add(String.format(Locale.ROOT, "%s=%d", count.label(), of(count)));
        }
        return text.toString();
    }
}
