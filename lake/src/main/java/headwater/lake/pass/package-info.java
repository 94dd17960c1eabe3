/**
 * One merge pass: what it has to do, decided from positions alone, and how it is done table by table. A pass may end anywhere;
 * the next one goes on from what is durable.
 */
@NullMarked
package headwater.lake.pass;

import org.jspecify.annotations.NullMarked;
