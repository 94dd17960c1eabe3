package headwater.lake.watch;

import org.jspecify.annotations.Nullable;

/**
 * What is kept of a source table between two looks.
 *
 * @param catalog as the last look found it
 * @param due the last load that became due, met or not; null if there was none
 */
record WatchedTable(CatalogTable catalog, @Nullable DueLoad due) {}
