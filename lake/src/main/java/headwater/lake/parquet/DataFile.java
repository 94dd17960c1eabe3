package headwater.lake.parquet;

import java.io.Serializable;

/**
 * A Parquet file that is written and not yet part of a table.
 *
 * @param path below the table's folder
 * @param size in bytes
 * @param statistics as Delta's log has them: JSON of the number of rows, and of the smallest and largest values of some columns
 */
public record DataFile(String path, long size, String statistics) implements Serializable {}
