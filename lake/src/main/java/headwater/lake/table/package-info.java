/**
 * A Delta table as a pass works on it: its log, its files, rows by their place, and commits that carry the position or fail. The
 * only package that knows Delta's internal classes.
 */
@NullMarked
package headwater.lake.table;

import org.jspecify.annotations.NullMarked;
