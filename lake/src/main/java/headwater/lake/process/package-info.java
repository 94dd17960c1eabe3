/** What every Headwater process does alike: failures, retries, shutdown, progress, secrets. */
@NullMarked
package headwater.lake.process;

import org.jspecify.annotations.NullMarked;
