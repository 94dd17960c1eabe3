/** The demo: all servers and all processes on one machine, and the proof that source and mart agree. */
package headwater.publish.demo;
