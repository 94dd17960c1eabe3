/**
 * Parquet files written column by column, by Parquet's own compressor and footer. A file that is given up half way is taken away.
 */
@NullMarked
package headwater.lake.parquet;

import org.jspecify.annotations.NullMarked;
