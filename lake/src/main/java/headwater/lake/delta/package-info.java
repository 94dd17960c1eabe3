/** Small access to Delta logs from Spark: positions kept in SetTransactions, commits by position, fenced writes. */
@NullMarked
package headwater.lake.delta;

import org.jspecify.annotations.NullMarked;
