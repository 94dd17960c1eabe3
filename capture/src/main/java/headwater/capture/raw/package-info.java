/**
 * Changes on their way into raw/changes and raw/schemas: batches of whole transactions, on disk once they are many, committed
 * together with the position that they reach. A commit is durable with both or not at all.
 */
@NullMarked
package headwater.capture.raw;

import org.jspecify.annotations.NullMarked;
