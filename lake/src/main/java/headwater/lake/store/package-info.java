/** The log store that every writer of the lake uses. Hadoop with its S3A, and delta-storage, only. */
@NullMarked
package headwater.lake.store;

import org.jspecify.annotations.NullMarked;
