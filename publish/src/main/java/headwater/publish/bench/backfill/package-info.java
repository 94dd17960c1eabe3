/** {@code bench backfill}: the first load beside COPY, which is the physical limit, and beside Spark's JDBC source. */
@NullMarked
package headwater.publish.bench.backfill;

import org.jspecify.annotations.NullMarked;
