package headwater.capture.engine;

import io.debezium.connector.postgresql.UnchangedToastedReplicationMessageColumn;
import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import java.util.Properties;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Makes Debezium hand over every column as the text that {@link TextConnector} has left alone, and every column as
 * nullable: it invents values for NOT NULL columns that an event does not carry. Instantiated by Debezium by its class
 * name.
 */
public final class PostgresText implements CustomConverter<SchemaBuilder, RelationalColumn> {
    /** Stands for a TOAST value that the change did not carry. PostgreSQL has no text with this character. */
    static final String UNCHANGED = "\0unchanged";

    /** Parameters of each field's schema. */
    static final String TYPE = "headwater.type";

    static final String LENGTH = "headwater.length";
    static final String SCALE = "headwater.scale";
    static final String NULLABLE = "headwater.nullable";

    private static final int BOOLEAN_OID = 16;

    @Override
    public void configure(Properties properties) {}

    @Override
    public void converterFor(RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
        SchemaBuilder schema = SchemaBuilder.string()
                .optional()
                .parameter(TYPE, column.typeName())
                .parameter(NULLABLE, String.valueOf(column.isOptional()));
        column.length().ifPresent(length -> schema.parameter(LENGTH, String.valueOf(length)));
        column.scale().ifPresent(scale -> schema.parameter(SCALE, String.valueOf(scale)));
        // of a domain this is the type below it
        registration.register(schema, column.nativeType() == BOOLEAN_OID ? PostgresText::ofBoolean : PostgresText::of);
    }

    /** Never fails: Debezium would put null. */
    static @Nullable String of(@Nullable Object value) {
        if (value == null) {
            return null;
        }
        // a column's DEFAULT, which nobody reads, comes here as an object of Debezium's
        return UnchangedToastedReplicationMessageColumn.isUnchangedToastedValue(value) ? UNCHANGED : value.toString();
    }

    /** The stream says t and f; SQL's text of a boolean is longer. */
    static @Nullable String ofBoolean(@Nullable Object value) {
        String text = of(value);
        return "t".equals(text) ? "true" : "f".equals(text) ? "false" : text;
    }
}
