/**
 * The demo: all servers and all processes on one machine, and the proof that source and mart agree at one LSN. It runs the commands as a
 * person would, each in a process of its own.
 */
@NullMarked
package headwater.publish.demo;

import org.jspecify.annotations.NullMarked;
