/**
 * The two reports of the shipped pipeline, and the command that serves them.
 */
@NullMarked
package headwater.publish.report.partd;

import org.jspecify.annotations.NullMarked;
