/** Real CMS files into the source tables: each file all or nothing, and only the differences where rows are there already. */
@NullMarked
package headwater.capture.load;

import org.jspecify.annotations.NullMarked;
