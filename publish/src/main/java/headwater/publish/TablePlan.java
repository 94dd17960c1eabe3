package headwater.publish;

import headwater.publish.delta.CuratedFeed;
import headwater.publish.delta.CuratedSnapshot;
import headwater.publish.delta.CuratedVersion;
import headwater.publish.delta.FeedFile;
import headwater.publish.mart.Ledger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How one table gets to the version that a publication gives it.
 *
 * @param way whether its files are changes or the whole table
 */
record TablePlan(CuratedSnapshot table, CuratedVersion version, Way way, List<FeedFile> files) {

    enum Way {
        /** MySQL has the version already. */
        UNCHANGED,
        /** The files hold the changes since the version that MySQL has. */
        CHANGES,
        /** The files hold all rows; whatever else MySQL has is deleted. */
        WHOLE
    }

    /**
     * Decides the way.
     *
     * @param held what MySQL has, or null
     * @param whole take no changes, even if the log has them
     */
    static TablePlan of(
            CuratedSnapshot table, CuratedVersion version, Ledger.@Nullable TableVersion held, boolean whole) {
        CuratedFeed feed = new CuratedFeed(table.table());
        Optional<List<FeedFile>> changes = Optional.empty();
        if (!whole && held != null && held.curated().tableId().equals(version.tableId())) {
            long from = held.curated().version();
            if (from == version.version()) {
                return new TablePlan(table, version, Way.UNCHANGED, List.of());
            }
            if (from < version.version()) {
                changes = feed.between(from, version.version());
            }
        }
        return changes.map(files -> new TablePlan(table, version, Way.CHANGES, files))
                .orElseGet(() -> new TablePlan(table, version, Way.WHOLE, feed.rowsAt(version.version())));
    }

    String name() {
        return table.spec().name();
    }

    /** Its files by the partition that all their rows have, in a fixed order. */
    Map<Map<String, String>, List<FeedFile>> partitions() {
        Map<String, List<FeedFile>> ordered = files.stream()
                .collect(Collectors.groupingBy(
                        file -> new TreeMap<>(file.partition()).toString(), TreeMap::new, Collectors.toList()));
        Map<Map<String, String>, List<FeedFile>> partitions = new LinkedHashMap<>();
        ordered.values().forEach(files -> partitions.put(files.get(0).partition(), new ArrayList<>(files)));
        return partitions;
    }
}
