/**
 * What the report pages cost a reader, beside the queries alone.
 */
@NullMarked
package headwater.publish.bench.report;

import org.jspecify.annotations.NullMarked;
