/** The load of a source table: one consistent snapshot, read by binary COPY in parallel. */
@NullMarked
package headwater.lake.backfill;

import org.jspecify.annotations.NullMarked;
