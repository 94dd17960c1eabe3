/**
 * From cleansed rows to reportable tables, by recomputing only what changes touch. A curated table is what its SQL gives over the
 * cleansed tables at its position; it is written only where rows differ.
 */
@NullMarked
package headwater.lake.curate;

import org.jspecify.annotations.NullMarked;
