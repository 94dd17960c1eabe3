/** What the lake promises to every process that reads or writes it: names, positions and table shapes. JDK only. */
@NullMarked
package headwater.lake.contract;

import org.jspecify.annotations.NullMarked;
