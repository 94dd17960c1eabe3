package headwater.capture.engine;

import headwater.lake.contract.LogicalMessage;
import headwater.lake.contract.Lsn;
import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.pipeline.TableSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The settings of the embedded Debezium engine. */
public final class EngineProperties {
    /** The most records that the engine hands over at once. */
    static final int MAX_BATCH = 4096;
    /** Between two words to the server that capture lives. */
    static final Duration STATUS_INTERVAL = Duration.ofSeconds(3);

    /**
     * The properties of an engine that goes on from a position.
     *
     * @param from where raw/changes ends
     * @param keys the columns that make up the key of a table, those of them that a change has
     */
    public static Properties of(Pipeline pipeline, Lsn from, Map<SourceTable, List<String>> keys) {
        Properties properties = new Properties();
        properties.putAll(position(from));
        properties.putAll(connection(pipeline.source()));
        properties.putAll(Map.of(
                "name", "headwater",
                "connector.class", TextConnector.class.getName(),
                "topic.prefix", pipeline.source().slot(),
                "snapshot.mode", "no_data",
                "provide.transaction.metadata", "true",
                "tombstones.on.delete", "false",
                "skipped.operations", "none"));
        properties.putAll(Map.of(
                "converters", "text",
                "text.type", PostgresText.class.getName(),
                "include.unknown.datatypes", "true",
                "event.converting.failure.handling.mode", "fail"));
        properties.setProperty("table.include.list", tables(pipeline));
        putUnlessEmpty(properties, "column.exclude.list", excluded(pipeline));
        putUnlessEmpty(properties, "message.key.columns", keyColumns(keys));
        properties.putAll(pace());
        return properties;
    }

    /** The slot is created by setup and confirmed only by what raw/changes holds. */
    private static Map<String, String> position(Lsn from) {
        return Map.of(
                "offset.storage",
                OffsetStore.class.getName(),
                OffsetStore.LSN,
                Long.toString(from.value()),
                "slot.drop.on.stop",
                "false",
                "lsn.flush.mode",
                "connector",
                "publication.autocreate.mode",
                "disabled",
                // Debezium's own restart sends again what still waits in the batch: the service restarts instead
                "errors.max.retries",
                "0",
                "slot.max.retries",
                "0");
    }

    private static Properties connection(SourceSettings source) {
        Properties properties = new Properties();
        properties.putAll(Map.of(
                "plugin.name", "pgoutput",
                "slot.name", source.slot(),
                "publication.name", source.publication(),
                "database.hostname", source.host(),
                "database.port", String.valueOf(source.port()),
                "database.dbname", source.database(),
                "database.user", source.user(),
                "database.password", source.password().value(),
                "database.sslmode", source.tls(),
                "database.connection.factory.class", TextSession.class.getName()));
        if (!source.rootCertificate().isEmpty()) {
            properties.setProperty("database.sslrootcert", source.rootCertificate());
        } else if (source.tls().equals("verify-full")) {
            properties.setProperty("database.sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
        }
        return properties;
    }

    private static Map<String, String> pace() {
        return Map.of(
                "max.batch.size",
                String.valueOf(MAX_BATCH),
                "max.queue.size",
                String.valueOf(4 * MAX_BATCH),
                "max.queue.size.in.bytes",
                String.valueOf(64 << 20),
                "poll.interval.ms",
                "100",
                "record.processing.threads",
                "1",
                // quantiles of the lag, which nobody reads, cost a thread as much as turning rows into JSON
                "statistics.metrics.enabled",
                "false",
                // an idle source: a message through the WAL moves the slot, and the server sees that we live
                "heartbeat.interval.ms",
                "10000",
                "heartbeat.action.query",
                "SELECT pg_logical_emit_message(true, '" + LogicalMessage.HEARTBEAT + "', '')",
                "status.update.interval.ms",
                String.valueOf(STATUS_INTERVAL.toMillis()));
    }

    private static String tables(Pipeline pipeline) {
        return pipeline.tables().stream()
                .map(table -> Pattern.quote(table.source().toString()))
                .collect(Collectors.joining(","));
    }

    private static String excluded(Pipeline pipeline) {
        return pipeline.tables().stream().flatMap(EngineProperties::excluded).collect(Collectors.joining(","));
    }

    private static Stream<String> excluded(TableSpec table) {
        return table.exclude().stream()
                .map(column -> Pattern.quote(table.source() + "." + column))
                // Debezium parts the list at commas first
                .map(pattern -> pattern.replace(",", "\\E\\x2C\\Q"));
    }

    private static String keyColumns(Map<SourceTable, List<String>> keys) {
        return keys.entrySet().stream()
                .map(key -> Pattern.quote(key.getKey().toString()) + ":" + String.join(",", key.getValue()))
                .collect(Collectors.joining(";"));
    }

    private static void putUnlessEmpty(Properties properties, String key, String value) {
        if (!value.isEmpty()) {
            properties.setProperty(key, value);
        }
    }

    private EngineProperties() {}
}
