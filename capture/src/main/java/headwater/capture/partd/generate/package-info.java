/**
 * Synthetic rows for the Medicare Part D source, with the distributions and flaws of CMS's files. The same seed makes the same rows, and a
 * run that was ended goes on.
 */
@NullMarked
package headwater.capture.partd.generate;

import org.jspecify.annotations.NullMarked;
