/** {@code bench capture}: capture beside the bare engine, on a long log, and over a long time. */
@NullMarked
package headwater.publish.bench.capture;

import org.jspecify.annotations.NullMarked;
