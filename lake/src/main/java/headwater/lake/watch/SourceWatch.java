package headwater.lake.watch;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import headwater.lake.contract.Lsn;
import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.LakeSettings;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Sql;
import headwater.lake.store.NumberedObjects;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Notices what PostgreSQL does to source tables without an event: tables dropped, made anew or swapped, those that leave
 * the publication, partitions emptied, dropped, detached or attached with rows, tables rewritten. The last look is kept
 * in the lake, so that what happens while nobody looks is noticed as well.
 *
 * <p>Every kind ends in a {@link DueLoad}: only a load brings such a table right again.
 */
public final class SourceWatch {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<TreeMap<String, WatchedTable>> STATE = new TypeReference<>() {};
    private static final long OBJECT = 1;

    private final Pipeline pipeline;
    private final Set<SourceTable> tables = new HashSet<>();
    private @Nullable Map<String, WatchedTable> last;
    private @Nullable Map<String, CatalogTable> identified;

    public SourceWatch(Pipeline pipeline) {
        this.pipeline = pipeline;
        pipeline.tables().forEach(table -> tables.add(table.source()));
    }

    /** The loads that have become due at a lake, met or not. */
    public static Map<SourceTable, DueLoad> due(LakeSettings lake) {
        Map<SourceTable, DueLoad> due = new HashMap<>();
        read(lake).forEach((name, watched) -> {
            if (watched.due() != null) {
                due.put(SourceTable.parse(name), watched.due());
            }
        });
        return due;
    }

    /** Begins anew at a lake whose source is another cluster now. */
    public static void forget(LakeSettings lake) {
        write(lake, Map.of());
    }

    /**
     * Compares the source with the last look and keeps what it finds.
     *
     * @return a sentence for each load that has become due since
     * @throws Failure RETRY if the lake cannot be read or written
     */
    public List<String> look(Connection connection) throws SQLException {
        return look(connection, Optional.empty());
    }

    /**
     * The same where changes of all tables are known to be lost.
     *
     * @param reason what happened, as the end of a sentence about a table
     */
    public List<String> lost(Connection connection, String reason) throws SQLException {
        return look(connection, Optional.of(reason));
    }

    private List<String> look(Connection connection, Optional<String> lost) throws SQLException {
        Map<String, WatchedTable> before = last == null ? read(pipeline.lake()) : last;
        Map<String, CatalogTable> now =
                CatalogTables.read(connection, pipeline.source().publication(), tables);
        forgetEmpty(connection, before, now);
        long lsn = end(connection);
        Map<String, WatchedTable> next = new TreeMap<>();
        List<String> news = new ArrayList<>();
        now.forEach((name, catalog) -> {
            WatchedTable known = before.get(name);
            DueLoad found = due(known, catalog, lsn);
            boolean lasts = found != null && found.lasts();
            DueLoad due = lost.isEmpty() || lasts ? found : new DueLoad(lsn, lost.get(), false);
            next.put(name, new WatchedTable(catalog, due));
            if (due != null && (known == null || !due.equals(known.due()))) {
                news.add(sentence(SourceTable.parse(name), due));
            }
        });
        before.forEach((name, known) -> next.computeIfAbsent(name, absent -> leftPipeline(known, lsn)));
        if (!next.equals(before)) {
            write(pipeline.lake(), next);
        }
        last = next;
        return news;
    }

    /**
     * Makes sure that each table has the replica identity of the first look still, by which a stream reads keys.
     *
     * @throws Failure RETRY if it has another one
     */
    public void requireSameIdentities() {
        Map<String, CatalogTable> now = new HashMap<>();
        if (last != null) {
            last.forEach((name, watched) -> now.put(name, watched.catalog()));
        }
        Map<String, CatalogTable> first = identified == null ? now : identified;
        identified = first;
        now.forEach((name, table) -> {
            CatalogTable before = first.getOrDefault(name, table);
            // another table at the name needs a load, and streams nothing until it is published
            if (table.oid() == before.oid() && !table.identity().equals(before.identity())) {
                throw new Failure(
                        Remedy.RETRY,
                        "The replica identity of " + name + " has changed: the stream begins anew, with the new key.");
            }
        });
    }

    /** The sentence about a due load of a source table of this pipeline. */
    public String sentence(SourceTable source, DueLoad due) {
        return due.sentence(
                source,
                pipeline.tables().stream()
                        .filter(table -> table.source().equals(source))
                        .map(TableSpec::name)
                        .toList());
    }

    private static @Nullable DueLoad due(@Nullable WatchedTable known, CatalogTable now, long lsn) {
        Optional<String> absence = now.absence();
        DueLoad before = known == null ? null : known.due();
        if (absence.isPresent()) {
            boolean same = before != null && before.lasts() && before.reason().equals(absence.get());
            return same ? before : new DueLoad(lsn, absence.get(), true);
        }
        if (known == null) {
            return null;
        }
        if (before != null && before.lasts()) {
            return new DueLoad(lsn, past(before.reason()), false);
        }
        return now.differenceFrom(known.catalog())
                .map(reason -> new DueLoad(lsn, reason, false))
                .orElse(before);
    }

    private static String past(String reason) {
        return reason.replaceFirst("^is ", "was ").replaceFirst("^does not exist any more", "did not exist")
                + " for a time";
    }

    private static WatchedTable leftPipeline(WatchedTable known, long lsn) {
        boolean told = known.due() != null && known.due().lasts();
        return told ? known : new WatchedTable(known.catalog(), new DueLoad(lsn, "is not in the pipeline file", true));
    }

    /** A table that was attached without rows is like one that was made as a partition. */
    private static void forgetEmpty(
            Connection connection, Map<String, WatchedTable> before, Map<String, CatalogTable> now)
            throws SQLException {
        for (Map.Entry<String, CatalogTable> table : now.entrySet()) {
            WatchedTable known = before.get(table.getKey());
            for (Map.Entry<Long, CatalogPartition> entry :
                    table.getValue().partitions().entrySet()) {
                CatalogPartition partition = entry.getValue();
                boolean isNew = known == null || !known.catalog().partitions().containsKey(entry.getKey());
                boolean attached = partition.attached() && isNew && CatalogTables.isFilled(connection, entry.getKey());
                entry.setValue(
                        new CatalogPartition(partition.file(), partition.written(), partition.empty(), attached));
            }
        }
    }

    private static long end(Connection connection) throws SQLException {
        return new Sql(connection)
                .one(
                        "SELECT pg_current_wal_insert_lsn()::text",
                        row -> Lsn.parse(row.getString(1)).value());
    }

    private static Map<String, WatchedTable> read(LakeSettings lake) {
        try (NumberedObjects objects = objects(lake)) {
            Optional<String> text = objects.read(OBJECT);
            return text.isEmpty() ? Map.of() : JSON.readValue(text.get(), STATE);
        } catch (IOException e) {
            throw failure("read", lake, e);
        }
    }

    private static void write(LakeSettings lake, Map<String, WatchedTable> state) {
        try (NumberedObjects objects = objects(lake)) {
            String text = JSON.writeValueAsString(state);
            if (!objects.create(OBJECT, text)) {
                objects.replace(OBJECT, text);
            }
        } catch (IOException e) {
            throw failure("write", lake, e);
        }
    }

    private static NumberedObjects objects(LakeSettings lake) throws IOException {
        return new NumberedObjects(lake, lake.layout().sourceWatch());
    }

    private static Failure failure(String doing, LakeSettings lake, IOException e) {
        return new Failure(
                Remedy.RETRY,
                "Cannot " + doing + " state/source in the lake at " + lake.root() + ": " + Failure.reason(e)
                        + ". Check that the store is up and may be written.",
                e);
    }
}
