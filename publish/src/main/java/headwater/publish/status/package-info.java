/**
 * How far each hop is and how late, read once from where each hop itself keeps it.
 */
@NullMarked
package headwater.publish.status;

import org.jspecify.annotations.NullMarked;
