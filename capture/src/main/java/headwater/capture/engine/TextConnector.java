package headwater.capture.engine;

import io.debezium.connector.postgresql.PostgresConnector;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.PostgresType;
import io.debezium.connector.postgresql.TypeRegistry;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import org.apache.kafka.connect.connector.Task;

/**
 * Debezium's PostgreSQL connector, except that it takes every value for text: what PostgreSQL sent arrives as it is.
 * Debezium's own types lose offsets (time with time zone), the 24th hour, infinite intervals and digits of geometric
 * types before a converter sees the value. Instantiated by Debezium by its class name.
 */
public final class TextConnector extends PostgresConnector {

    @Override
    public Class<? extends Task> taskClass() {
        return TextTask.class;
    }

    /** Instantiated by Debezium. */
    public static final class TextTask extends PostgresConnectorTask {

        /** As Debezium builds it, with another registry; {@link EngineProperties} says the same of slot and publication. */
        @Override
        protected ReplicationConnection buildReplicationConnection(
                PostgresConnection catalog, PostgresSchema schema, PostgresConnectorConfig config) {
            return ReplicationConnection.builder(config)
                    .withSlot(config.slotName())
                    .withPublication(config.publicationName())
                    .withTableFilter(config.getTableFilters())
                    .withPublicationAutocreateMode(PostgresConnectorConfig.AutoCreateMode.DISABLED)
                    .withPlugin(config.plugin())
                    .dropSlotOnClose(false)
                    .statusUpdateInterval(EngineProperties.STATUS_INTERVAL)
                    .withTypeRegistry(new TextTypes(catalog))
                    .withSchema(schema)
                    .jdbcMetadataConnection(catalog)
                    .build();
        }
    }

    /**
     * Debezium describes a table's columns by their OIDs, which stay what they are, and decodes values by the type of the
     * column's type name, which is always text.
     */
    private static final class TextTypes extends TypeRegistry {
        private final PostgresType text;

        TextTypes(PostgresConnection catalog) {
            super(catalog);
            this.text = get("text");
        }

        @Override
        public PostgresType get(String schema, String type) {
            return text;
        }
    }
}
