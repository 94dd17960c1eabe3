package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.contract.LogicalMessage;
import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.Pipeline;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random histories by seed: whatever PostgreSQL does and wherever capture stops, raw/changes replayed is the source.
 * {@code -Dheadwater.seeds=200} runs as many seeds, {@code -Dheadwater.seed=7} runs one.
 */
class RandomHistoryIT {
    private static final int SEEDS = Integer.getInteger("headwater.seeds", 10);
    /** How often capture is started. */
    private static final int LIVES = 3;

    private static final int[] FLUSH_BYTES = {1 << 16, 1 << 17, 1 << 18};

    private final HistoryCounts counts = new HistoryCounts();

    @TempDir
    private Path folder;

    @Test
    void rawReplayedEqualsTheSource() {
        Long only = Long.getLong("headwater.seed");
        LongStream seeds = only == null ? LongStream.rangeClosed(1, SEEDS) : LongStream.of(only);
        seeds.forEach(this::run);
        System.out.println("Random histories: " + counts);
        if (only == null) {
            assertThat(counts.missing()).isEmpty();
        }
    }

    private void run(long seed) {
        try {
            history(seed);
        } catch (Exception | AssertionError e) {
            throw new AssertionError("Seed " + seed + ": " + e.getMessage(), e);
        }
    }

    private void history(long seed) throws Exception {
        Random random = new Random(seed);
        SourceModel model = new SourceModel();
        List<String> ddl = new ArrayList<>();
        for (HistoryTable table : HistoryTable.FIRST) {
            model.add(table.model());
            ddl.addAll(table.ddl());
        }
        List<String> tables = model.tables().stream().map(ModelTable::name).toList();
        try (TestingSource source = new TestingSource(tables, ddl.toArray(String[]::new));
                RandomHistory history = new RandomHistory(source, model, random, counts)) {
            for (int life = 0; life < LIVES; life++) {
                if (life == 1) {
                    addTable(source, model);
                }
                try (RunningCapture capture = new RunningCapture(pipeline(source, seed, random))) {
                    steps(history, random);
                    long halfway = Lsn.parse(source.value("SELECT pg_current_wal_insert_lsn()"))
                            .value();
                    source.execute("SELECT pg_logical_emit_message(true, '" + LogicalMessage.HEARTBEAT + "', '')");
                    steps(history, random);
                    if (life == LIVES - 1) {
                        history.finish();
                    }
                    if (life % 2 == 0) {
                        check(source, model, capture);
                        history.captured(tables(capture));
                    } else {
                        capture.await(() -> capture.reached() > halfway);
                    }
                }
                counts.add(HistoryKind.RESTART_OF_CAPTURE);
            }
        }
    }

    /** Whoever waits for capture must not keep it from the catalog. */
    private static void steps(RandomHistory history, Random random) throws Exception {
        int steps = 10 + random.nextInt(40);
        for (int step = 0; step < steps || history.holdsTableAlone(); step++) {
            history.step();
        }
    }

    private Pipeline pipeline(TestingSource source, long seed, Random random) {
        return source.pipeline(folder.resolve("seed" + seed), FLUSH_BYTES[random.nextInt(FLUSH_BYTES.length)]);
    }

    private void addTable(TestingSource source, SourceModel model) throws Exception {
        HistoryTable late = HistoryTable.LATE;
        source.add(late.name(), late.ddl().toArray(String[]::new));
        model.add(late.model());
        counts.add(HistoryKind.ADD_TABLE);
    }

    private static Set<String> tables(RunningCapture capture) {
        return capture.reader().schemas().stream()
                .map(schema -> (String) schema.get("source_table"))
                .collect(Collectors.toSet());
    }

    private static void check(TestingSource source, SourceModel model, RunningCapture capture) throws Exception {
        List<Map<String, Object>> changes = capture.awaitAll(source);
        assertThat(RawReplay.transactions(changes)).isEqualTo(model.committed());
        List<ModelTable> tables = model.committedTables();
        RawReplay replay = new RawReplay(tables, changes);
        for (ModelTable table : tables) {
            List<List<String>> held = source.query(table.select(source.name()));
            assertThat(table.texts()).as("oracle of " + table.name()).containsExactlyInAnyOrderElementsOf(held);
            assertThat(replay.texts(table)).as("raw of " + table.name()).containsExactlyInAnyOrderElementsOf(held);
        }
    }
}
