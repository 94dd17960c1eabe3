/**
 * What every Headwater process does alike: failures that say who must act, retries, shutdown, progress, secrets that are never
 * printed, and statements to a database.
 */
@NullMarked
package headwater.lake.process;

import org.jspecify.annotations.NullMarked;
