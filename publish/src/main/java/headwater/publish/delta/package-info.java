/**
 * What publish reads of the lake's Delta tables: curated rows and their changes, and how far raw, cleansed and rejected are. The
 * only package that knows Delta Kernel's internal classes. It writes nothing.
 */
@NullMarked
package headwater.publish.delta;

import org.jspecify.annotations.NullMarked;
