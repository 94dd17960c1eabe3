/** From raw changes and loads to cleansed and rejected rows. */
@NullMarked
package headwater.lake.cleanse;

import org.jspecify.annotations.NullMarked;
