/** {@code bench merge}: what a merge pass costs, by what changed in the source, in a lake of any size. */
@NullMarked
package headwater.publish.bench.merge;

import org.jspecify.annotations.NullMarked;
