package headwater.lake.backfill;

import java.io.Serializable;

/**
 * What a reader wrote of one page range.
 *
 * @param path of the Parquet file below the table's folder
 * @param size in bytes
 */
record LoadFile(PageRange range, String path, long size, long rows) implements Serializable {}
