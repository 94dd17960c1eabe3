/**
 * The source as capture finds it: its claim to the slot, what has to hold before the stream may start, and a watch over the
 * slot while it runs. It says what is wrong and never changes a table of the source.
 */
@NullMarked
package headwater.capture.source;

import org.jspecify.annotations.NullMarked;
