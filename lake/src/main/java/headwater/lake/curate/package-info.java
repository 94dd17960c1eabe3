/** From cleansed rows to reportable tables, by recomputing only what changes touch. */
@NullMarked
package headwater.lake.curate;

import org.jspecify.annotations.NullMarked;
