/**
 * What a pass reads: changes and the position that they reach, the shapes of their tables, and loads.
 */
@NullMarked
package headwater.lake.raw;

import org.jspecify.annotations.NullMarked;
