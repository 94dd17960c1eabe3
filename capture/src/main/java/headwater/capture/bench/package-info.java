/**
 * What the benchmarks measure capture against: Debezium's engine alone, under the same settings.
 */
@NullMarked
package headwater.capture.bench;

import org.jspecify.annotations.NullMarked;
