/**
 * The first load: one snapshot of the source, read in ranges of pages by as many readers as the machine has cores, and durable
 * range by range in raw/snapshots, so that a load which ends goes on where it was.
 */
@NullMarked
package headwater.lake.load;

import org.jspecify.annotations.NullMarked;
