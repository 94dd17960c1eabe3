/** The demo: all servers and all processes on one machine, and the proof that source and mart agree. */
@NullMarked
package headwater.publish.demo;

import org.jspecify.annotations.NullMarked;
