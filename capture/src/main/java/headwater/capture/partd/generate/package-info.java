/** Synthetic CMS data and change traffic for the Medicare Part D source. */
@NullMarked
package headwater.capture.partd.generate;

import org.jspecify.annotations.NullMarked;
