/** What benchmarks of the lake need besides: what {@code bench backfill} measures a load against, and what {@code bench merge} ends with. */
@NullMarked
package headwater.lake.bench;

import org.jspecify.annotations.NullMarked;
