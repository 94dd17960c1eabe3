/** Real CMS files into the source tables: each file all or nothing, and only the differences where rows are there already. */
@NullMarked
package headwater.capture.partd.load;

import org.jspecify.annotations.NullMarked;
