/**
 * PostgreSQL as more than one process reads it: which cluster it is, the pipeline's slot, the columns of a table. Each is read in
 * one place, from the catalog or by the replication protocol, and says itself what is wrong with it.
 */
@NullMarked
package headwater.lake.source;

import org.jspecify.annotations.NullMarked;
