/** What {@code bench backfill} measures a load against. */
@NullMarked
package headwater.lake.bench;

import org.jspecify.annotations.NullMarked;
