package headwater.capture.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import headwater.capture.raw.SourceSchema;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What PostgreSQL's catalog says of a table beyond what the stream does, by which a renamed column can be told from one that
 * was dropped and another that was added.
 */
public final class CatalogShape {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogShape.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final String SHAPE = """
            SELECT jsonb_build_object('tableOid', c.oid::bigint, 'replicaIdentity', c.relreplident, 'columns',
                     jsonb_agg(jsonb_build_object('name', a.attname, 'type', t.typname, 'typeOid', a.atttypid::bigint,
                       'typmod', a.atttypmod, 'nullable', NOT a.attnotnull, 'generated', a.attgenerated <> '',
                       'attnum', a.attnum) ORDER BY a.attnum))::text
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_type t ON t.oid = a.atttypid
            WHERE n.nspname = ? AND c.relname = ? GROUP BY c.oid, c.relreplident""";

    /**
     * The JSON of the column {@code catalog} of raw/schemas. Empty where the catalog, which knows only now, is not of the
     * schema any more, or cannot be asked.
     */
    public static Optional<String> of(SourceSettings source, SourceSchema schema) {
        try (Connection connection = source.openBounded(PATIENCE)) {
            Optional<String> shape = new Sql(connection)
                    .first(
                            SHAPE,
                            row -> row.getString(1),
                            schema.table().schema(),
                            schema.table().name());
            return shape.isPresent() && isOf(schema, shape.get()) ? shape : Optional.empty();
        } catch (SQLException | Failure | JsonProcessingException e) {
            LOG.debug("Cannot ask the catalog for {}", schema.table(), e);
            return Optional.empty();
        }
    }

    /** The stream may have fewer columns: those that are left out of the publication. */
    private static boolean isOf(SourceSchema schema, String shape) throws JsonProcessingException {
        Map<String, String> types = new HashMap<>();
        for (JsonNode column : JSON.readTree(shape).get("columns")) {
            types.put(column.get("name").asText(), column.get("type").asText());
        }
        for (JsonNode column : JSON.readTree(schema.columns())) {
            if (!column.get("type").asText().equals(types.get(column.get("name").asText()))) {
                return false;
            }
        }
        return true;
    }

    private CatalogShape() {}
}
