/** Parquet files written column by column, by Parquet's own encoders. */
@NullMarked
package headwater.lake.parquet;

import org.jspecify.annotations.NullMarked;
