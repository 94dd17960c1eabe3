/** The lake's commands and what they run: the first load, and the merge passes. */
@NullMarked
package headwater.lake;

import org.jspecify.annotations.NullMarked;
