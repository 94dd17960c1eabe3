/**
 * The lake's commands and what they run: the first load, and merge passes under a claim, by Spark on this machine or on a cluster.
 * What a step is stands in the rooms below.
 */
@NullMarked
package headwater.lake;

import org.jspecify.annotations.NullMarked;
