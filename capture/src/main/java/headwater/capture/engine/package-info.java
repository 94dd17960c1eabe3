/**
 * Debezium: the engine with its properties and connector, and what turns its records into changes in PostgreSQL's own texts.
 * No other package but the benches knows a class of Debezium or Kafka Connect.
 */
@NullMarked
package headwater.capture.engine;

import org.jspecify.annotations.NullMarked;
