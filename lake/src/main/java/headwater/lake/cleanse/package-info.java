/**
 * From raw changes and loads to cleansed and rejected rows. A cleansed table is exactly the live source rows at its position that
 * keep the rules, and tombstones of the others; rejected rows are committed first, so that no row is ever in neither.
 */
@NullMarked
package headwater.lake.cleanse;

import org.jspecify.annotations.NullMarked;
