package headwater.capture.engine;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.storage.OffsetBackingStore;
import org.apache.kafka.connect.util.Callback;

/**
 * Tells a starting engine where raw/changes ends, and nothing else: {@code {"lsn": END LSN}}. PostgreSQL then skips what
 * was committed before and sends the rest from its BEGIN. Restarting from an offset of its own, Debezium 3.6.1 skips rows
 * of a COPY and whole transactions that overlap (debezium/dbz#1554 and #76); so what it writes here lives only as long as
 * the engine, which reads it back to confirm the slot. Instantiated by Debezium by its class name.
 */
public final class OffsetStore implements OffsetBackingStore {
    /** The engine property that holds the LSN as a decimal number. */
    static final String LSN = "headwater.offset.lsn";

    private final Map<ByteBuffer, ByteBuffer> confirmed = new ConcurrentHashMap<>();

    @SuppressWarnings("NullAway.Init") // Debezium calls configure before anything else
    private byte[] start;

    @Override
    public void configure(WorkerConfig config) {
        start = ("{\"lsn\":" + config.originalsStrings().get(LSN) + "}").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void start() {}

    @Override
    public void stop() {}

    @Override
    public Future<Map<ByteBuffer, ByteBuffer>> get(Collection<ByteBuffer> keys) {
        Map<ByteBuffer, ByteBuffer> offsets = new HashMap<>();
        keys.forEach(key -> offsets.put(
                key, confirmed.getOrDefault(key, ByteBuffer.wrap(start)).duplicate()));
        return CompletableFuture.completedFuture(offsets);
    }

    @Override
    public Future<Void> set(Map<ByteBuffer, ByteBuffer> values, Callback<Void> callback) {
        confirmed.putAll(values);
        callback.onCompletion(null, null);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Set<Map<String, Object>> connectorPartitions(String connectorName) {
        return Set.of();
    }
}
