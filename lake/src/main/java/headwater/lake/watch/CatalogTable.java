package headwater.lake.watch;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A source table and its place in the publication as the catalog has them now: what tells whether the stream carries
 * every change of it.
 *
 * @param oid 0 if there is no table of that name
 * @param publication oid and transaction of the publication, empty if there is none
 * @param complete whether the publication publishes every operation, under the root's name
 * @param membership oid of the table's entry in the publication, 0 if it is not published
 * @param identity replica identity, with the index that it is
 * @param file relfilenode: another one after a rewrite; 0 for a partitioned table
 * @param columns column number to the transaction that wrote its row of pg_attribute
 * @param partitions oid of each partition that holds rows
 */
public record CatalogTable(
        long oid,
        String publication,
        boolean complete,
        long membership,
        String identity,
        long file,
        Map<Integer, Long> columns,
        Map<Long, CatalogPartition> partitions) {

    /** Why changes do not arrive now, whatever was before. */
    Optional<String> absence() {
        if (oid == 0) {
            return Optional.of("does not exist any more");
        }
        if (publication.isEmpty() || membership == 0) {
            return Optional.of("is not in the publication");
        }
        return complete
                ? Optional.empty()
                : Optional.of("is in a publication that leaves operations out, or names partitions by themselves");
    }

    /** What has happened since an earlier look without an event in the stream. */
    Optional<String> differenceFrom(CatalogTable before) {
        if (oid != before.oid) {
            return Optional.of("is another one than before: it was dropped and made anew, or swapped by its name");
        }
        if (!publication.equals(before.publication)) {
            return Optional.of("is in a publication that was altered, or dropped and made anew");
        }
        if (membership != before.membership) {
            return Optional.of("had left the publication, or was put into it anew");
        }
        if (file != before.file && changedColumns(before)) {
            return Optional.of("was rewritten by ALTER TABLE");
        }
        return differenceOfPartitions(before);
    }

    private Optional<String> differenceOfPartitions(CatalogTable before) {
        Set<Long> gone = before.partitions.keySet().stream()
                .filter(partition -> !partitions.containsKey(partition))
                .collect(Collectors.toSet());
        if (!gone.isEmpty()) {
            return Optional.of(
                    "lost " + (gone.size() == 1 ? "a partition" : gone.size() + " partitions") + " by DROP or DETACH");
        }
        if (partitions.entrySet().stream()
                .anyMatch(entry -> !before.partitions.containsKey(entry.getKey())
                        && entry.getValue().attached())) {
            return Optional.of("got a partition with rows by ATTACH");
        }
        Map<Long, CatalogPartition> replaced = new HashMap<>(partitions);
        replaced.entrySet()
                .removeIf(entry -> !before.partitions.containsKey(entry.getKey())
                        || before.partitions.get(entry.getKey()).file()
                                == entry.getValue().file());
        if (!replaced.isEmpty() && changedColumns(before)) {
            return Optional.of("was rewritten by ALTER TABLE");
        }
        // TRUNCATE of the whole table is an event, and empties all partitions in one transaction
        boolean all = replaced.size() > 1
                && replaced.keySet().equals(before.partitions.keySet())
                && replaced.values().stream()
                                .map(CatalogPartition::written)
                                .distinct()
                                .count()
                        == 1;
        boolean emptied = replaced.values().stream().anyMatch(CatalogPartition::empty);
        return emptied && !all ? Optional.of("has a partition that was emptied by TRUNCATE") : Optional.empty();
    }

    /** Whether a column that was there is defined anew; a further one changes no value of the others. */
    private boolean changedColumns(CatalogTable before) {
        return before.columns.entrySet().stream()
                .anyMatch(entry -> columns.containsKey(entry.getKey())
                        && !columns.get(entry.getKey()).equals(entry.getValue()));
    }
}
