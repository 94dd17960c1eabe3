package headwater.lake.curate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.process.Failure;
import headwater.lake.table.CollectedRows;
import headwater.lake.table.NetImages;
import headwater.lake.table.TableLog;
import headwater.lake.table.Upstream;
import java.io.FileNotFoundException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happened to upstream tables since a position, from what they remember or from their change feeds. Each feed is read
 * once, however many curated tables ask for it.
 */
public final class UpstreamFeeds implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UpstreamFeeds.class);

    private record Since(String table, long position) {}

    private final SparkSession session;
    private final Collection<Upstream> upstreams;
    private final Map<Since, Optional<CollectedRows>> feeds = new ConcurrentHashMap<>();

    public UpstreamFeeds(SparkSession session, Collection<Upstream> upstreams) {
        this.session = session;
        this.upstreams = upstreams;
    }

    /**
     * Per upstream of a curated table, the net images between a position and now. An upstream whose feed no longer reaches
     * back is absent.
     */
    public Map<String, CollectedRows> since(long position, CuratedSpec curated) {
        Map<String, CollectedRows> changes = new HashMap<>();
        upstreams.stream()
                .filter(table -> curated.affectedBy().containsKey(table.name()))
                .forEach(table -> feeds.computeIfAbsent(
                                new Since(table.name(), position), since -> read(table, since.position()))
                        .ifPresent(rows -> changes.put(table.name(), rows)));
        return changes;
    }

    @Override
    public void close() {
        feeds.values().forEach(feed -> feed.ifPresent(CollectedRows::close));
    }

    private Optional<CollectedRows> read(Upstream upstream, long position) {
        Optional<List<Row>> known = upstream.changedSince(position);
        if (known.isPresent()) {
            return Optional.of(CollectedRows.of(known.get(), NetImages.shape(upstream.columns())));
        }
        TableLog log = upstream.log();
        OptionalLong first = log.firstVersionAfter(upstream.appId(), position);
        if (first.isEmpty()) {
            return Optional.empty();
        }
        long last = log.version();
        if (first.getAsLong() > last || !log.changedRows(first.getAsLong(), last)) {
            return Optional.of(CollectedRows.NONE);
        }
        Dataset<Row> feed = session.read()
                .format("delta")
                .option("readChangeFeed", "true")
                .option("startingVersion", first.getAsLong())
                .option("endingVersion", last)
                .load(log.path())
                .where(upstream.isLive());
        try {
            return Optional.of(CollectedRows.of(net(feed, upstream.columns())));
        } catch (Exception e) {
            // among them Spark's, which are checked and not declared
            if (!isGone(e)) {
                throw e;
            }
            LOG.warn(
                    "Changes of {} since {} are gone, comparing whole tables; keep its files longer than curated tables"
                            + " rest. reason={}",
                    log.path(),
                    new Lsn(position),
                    Failure.reason(e).lines().findFirst().orElse(""));
            return Optional.empty();
        }
    }

    /** A VACUUM may keep the log and take the files. */
    private static boolean isGone(@Nullable Throwable thrown) {
        return thrown != null && (thrown instanceof FileNotFoundException || isGone(thrown.getCause()));
    }

    private static Dataset<Row> net(Dataset<Row> feed, StructType live) {
        Column[] columns =
                Arrays.stream(live.fieldNames()).map(TableDifference::column).toArray(Column[]::new);
        Column sign =
                when(col("_change_type").isin("insert", "update_postimage"), 1).otherwise(-1);
        return feed.withColumn("_sign", sign)
                .groupBy(columns)
                .agg(sum("_sign").as(NetImages.NET))
                .where(col(NetImages.NET).notEqual(0));
    }
}
