package headwater.capture;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import headwater.lake.contract.SourceTable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.jspecify.annotations.Nullable;

/**
 * One shape of a source table: a row of raw/schemas.
 *
 * @param id first 16 hex digits of the SHA-256 of the other three
 * @param columns JSON as in {@link headwater.lake.contract.TableContract#RAW_SCHEMAS}
 * @param key JSON array of the key columns' names
 * @param beyondKey the columns outside the key
 * @param requiredBeyondKey whether one of them is NOT NULL
 */
record SourceSchema(
        String id, SourceTable table, String columns, String key, List<Field> beyondKey, boolean requiredBeyondKey) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * @param row the schema of {@code after}, as {@link PostgresText} made it
     * @param key the schema of the key, or null for a table without one
     */
    static SourceSchema of(SourceTable table, Schema row, @Nullable Schema key) {
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
        return new SourceSchema(
                hash(table + "\n" + columns + "\n" + keyColumns),
                table,
                columns.toString(),
                keyColumns.toString(),
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

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
