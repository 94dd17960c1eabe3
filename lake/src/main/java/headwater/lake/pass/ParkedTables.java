package headwater.lake.pass;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tables that a pass cannot move until a person has done something. They stand still, and curated tables over them, while
 * the others go on; now and then they are tried again.
 */
final class ParkedTables {
    private static final Logger LOG = LoggerFactory.getLogger(ParkedTables.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(30);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    private record Parked(Failure why, Duration pause, long until) {}

    private final Map<String, Parked> tables = new LinkedHashMap<>();

    boolean isEmpty() {
        return tables.isEmpty();
    }

    /** Why the first of them stands still. */
    Optional<Failure> first() {
        return tables.values().stream().map(Parked::why).findFirst();
    }

    /** Whether a table waits for its next try. */
    boolean waits(String table) {
        Parked parked = tables.get(table);
        return parked != null && System.nanoTime() - parked.until() < 0;
    }

    boolean containsAny(Collection<String> names) {
        return names.stream().anyMatch(tables::containsKey);
    }

    /**
     * Notes what became of tables that a pass tried.
     *
     * @param failed table to what it failed with
     * @throws RuntimeException the first that is no person's to mend: the pass has failed then
     */
    void tried(List<String> tried, Map<String, RuntimeException> failed) {
        for (RuntimeException failure : failed.values()) {
            if (!(failure instanceof Failure known) || known.remedy() == Remedy.RETRY) {
                throw failure;
            }
        }
        for (String table : tried) {
            if (failed.get(table) instanceof Failure why) {
                park(table, why);
            } else if (tables.remove(table) != null) {
                LOG.info("Goes on again table={}", table);
            }
        }
    }

    private void park(String table, Failure why) {
        Parked before = tables.get(table);
        Duration pause = before == null ? FIRST_PAUSE : before.pause().multipliedBy(2);
        pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
        tables.put(table, new Parked(why, pause, System.nanoTime() + pause.toNanos()));
        LOG.error(
                "Parked table={}: {} The others go on; it is tried again in {} s.",
                table,
                why.getMessage(),
                pause.toSeconds());
        LOG.debug("Parked table={}", table, why);
    }
}
