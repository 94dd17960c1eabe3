package headwater.capture.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import headwater.capture.raw.SourceSchema;
import headwater.lake.contract.SourceTable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A source table as Debezium describes its rows.
 *
 * @param schema what raw/schemas keeps of it
 * @param beyondKey the columns outside the key
 * @param requiredBeyondKey whether one of them is NOT NULL
 */
record StreamedShape(SourceSchema schema, List<Field> beyondKey, boolean requiredBeyondKey) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * @param row the schema of {@code after}, as {@link PostgresText} made it
     * @param key the schema of the key, or null for a table without one
     */
    static StreamedShape of(SourceTable table, Schema row, @Nullable Schema key) {
        ArrayNode columns = JSON.createArrayNode();
        row.fields().forEach(field -> columns.add(column(field)));
        ArrayNode keyColumns = JSON.createArrayNode();
        Set<String> keyNames =
                key == null ? Set.of() : key.fields().stream().map(Field::name).collect(Collectors.toSet());
        if (key != null) {
            key.fields().forEach(field -> keyColumns.add(field.name()));
        }
        List<Field> beyondKey = row.fields().stream()
                .filter(field -> !keyNames.contains(field.name()))
                .toList();
        return new StreamedShape(
                SourceSchema.of(table, columns.toString(), keyColumns.toString()),
                beyondKey,
                beyondKey.stream()
                        .anyMatch(field -> "false".equals(parameters(field).get(PostgresText.NULLABLE))));
    }

    private static ObjectNode column(Field field) {
        Map<String, String> parameters = parameters(field);
        ObjectNode column = JSON.createObjectNode();
        column.put("name", field.name());
        column.put("type", parameters.get(PostgresText.TYPE));
        putNumber(column, "length", parameters.get(PostgresText.LENGTH));
        putNumber(column, "scale", parameters.get(PostgresText.SCALE));
        column.put("nullable", Boolean.parseBoolean(parameters.get(PostgresText.NULLABLE)));
        return column;
    }

    private static void putNumber(ObjectNode column, String name, @Nullable String number) {
        if (number == null) {
            column.putNull(name);
        } else {
            column.put(name, Integer.parseInt(number));
        }
    }

    private static Map<String, String> parameters(Field field) {
        return field.schema().parameters();
    }
}
