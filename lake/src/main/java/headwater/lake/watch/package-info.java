/** What PostgreSQL does to a source table without an event in the stream, and the loads that it makes due. */
@NullMarked
package headwater.lake.watch;

import org.jspecify.annotations.NullMarked;
