/** Benchmarks: each makes its own data on servers of its own, and prints its figures beside their targets. */
@NullMarked
package headwater.publish.bench;

import org.jspecify.annotations.NullMarked;
