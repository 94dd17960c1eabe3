/**
 * What {@code setup} makes and {@code teardown} takes away: publication and slot at the source, the lake's bucket, tables, views,
 * indexes and the reports' user in MySQL. Each step may be run again and says what it did.
 */
@NullMarked
package headwater.publish.setup;

import org.jspecify.annotations.NullMarked;
