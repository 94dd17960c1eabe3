/**
 * What stands in the way of a pipeline, all of it at once: {@code check} prints it, {@code setup} refuses with it. Nothing
 * here changes a server for longer than a probe.
 */
@NullMarked
package headwater.publish.check;

import org.jspecify.annotations.NullMarked;
