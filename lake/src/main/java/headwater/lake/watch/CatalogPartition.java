package headwater.lake.watch;

/**
 * A partition that holds rows, as the catalog has it.
 *
 * @param file its relfilenode: another one after a TRUNCATE or a rewrite
 * @param written the transaction that wrote its row of pg_class, of interest next to those of other partitions only
 * @param empty whether nobody has counted its rows since its file is there, as after a TRUNCATE or a rewrite
 * @param attached whether it was a table before it was a partition
 */
public record CatalogPartition(long file, long written, boolean empty, boolean attached) {}
