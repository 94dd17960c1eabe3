/** The command {@code bench}, which knows every benchmark. */
@NullMarked
package headwater.publish.bench.command;

import org.jspecify.annotations.NullMarked;
