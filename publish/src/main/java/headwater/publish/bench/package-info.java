/**
 * What every benchmark needs: servers of its own, what processes use, and its figures beside their targets.
 */
@NullMarked
package headwater.publish.bench;

import org.jspecify.annotations.NullMarked;
