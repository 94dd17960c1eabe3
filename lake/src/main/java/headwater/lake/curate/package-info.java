/**
 * From cleansed rows to reportable tables, and from those to further ones, by recomputing only what changes touch. A curated table
 * is what its SQL gives over its upstreams at its position; it is written only where rows differ.
 */
@NullMarked
package headwater.lake.curate;

import org.jspecify.annotations.NullMarked;
