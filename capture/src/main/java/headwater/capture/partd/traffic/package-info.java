/**
 * Changes of Part D's tables as a year of reporting makes them, at a rate, each transaction counted once it is committed.
 */
@NullMarked
package headwater.capture.partd.traffic;

import org.jspecify.annotations.NullMarked;
