/**
 * The capture service: PostgreSQL's logical replication stream, decoded by an embedded Debezium engine, into the Delta
 * tables raw/changes and raw/schemas. Delta alone knows how far it got: the position is committed together with the rows.
 */
@NullMarked
package headwater.capture;

import org.jspecify.annotations.NullMarked;
