/** What every benchmark ends with: its figures beside their targets. */
@NullMarked
package headwater.publish.bench;

import org.jspecify.annotations.NullMarked;
