/**
 * The four source tables of the shipped pipeline, and the text by which COPY takes their rows.
 */
@NullMarked
package headwater.capture.partd.source;

import org.jspecify.annotations.NullMarked;
