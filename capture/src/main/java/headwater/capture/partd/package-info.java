/**
 * Medicare Part D at the source: the commands that make its tables and fill them, with rows made up or read from the files
 * that CMS publishes.
 */
@NullMarked
package headwater.capture.partd;

import org.jspecify.annotations.NullMarked;
