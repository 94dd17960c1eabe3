package headwater.capture.raw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.capture.RawReader;
import headwater.capture.RunningCapture;
import headwater.capture.TestingChanges;
import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.CommitId;
import headwater.lake.contract.Lsn;
import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.LakeSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import io.delta.kernel.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RawWriterTest {
    private static final CaptureOffset FIRST =
            new CaptureOffset(1, "slot", "18446744073709551615", 1, 100, 100, "1970-01-01T00:00:00Z", List.of(), 0L);

    @TempDir
    private Path folder;

    private LakeSettings lake;
    private RawReader reader;

    @BeforeEach
    void setUp() {
        lake = new LakeSettings("file:" + folder, Map.of());
        reader = new RawReader(lake);
    }

    @Test
    void rowsAndPositionAreInOneCommit() {
        RawWriter writer = RawWriter.create(lake, FIRST);

        commit(writer, 200, 3);

        assertThat(reader.changes()).extracting("commit_lsn").containsExactly(200L, 200L, 200L);
        assertThat(reached()).isEqualTo(200);
        CaptureOffset reopened = RawWriter.open(lake).orElseThrow().offset();
        assertThat(reopened).isEqualTo(writer.offset());
        assertThat(reopened.lsn()).isEqualTo(200);
        assertThat(reopened.startLsn()).isEqualTo(100);
        assertThat(reopened.systemIdentifier()).isEqualTo(FIRST.systemIdentifier());
    }

    @Test
    void aNewTableHasThePositionOfItsStart() {
        RawWriter.create(lake, FIRST);

        assertThat(reached()).isEqualTo(100);
        assertThat(reader.changes()).isEmpty();
    }

    @Test
    void aStaleWriterIsRefusedWhetherItIsBehindOrAhead() {
        RawWriter.create(lake, FIRST);
        for (long stale : new long[] {150, 250}) {
            long start = reached();
            RawWriter first = RawWriter.open(lake).orElseThrow();
            RawWriter second = RawWriter.open(lake).orElseThrow();
            commit(first, start + 100, 1);

            assertThatThrownBy(() -> commit(second, start - 100 + stale, 1))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("another process committed to the table first")
                    .hasMessageContaining("Is a second capture running on the same lake?")
                    .extracting(thrown -> ((Failure) thrown).remedy())
                    .isEqualTo(Remedy.OPERATOR);
            assertThat(reached()).isEqualTo(start + 100);
        }
        assertThat(reader.changes()).hasSize(2);
    }

    @Test
    void aSchemaIsRecordedOnceAcrossRestarts() {
        RawWriter.create(lake, FIRST);
        SourceSchema schema = new SourceSchema("00ff", new SourceTable("shop", "orders"), "[]", "[\"id\"]");
        for (long end : new long[] {200, 300}) {
            try (ChangeBatch batch = new ChangeBatch(new Lsn(end - 100), 1 << 20)) {
                batch.begin();
                batch.add(schema);
                batch.add(TestingChanges.change(1, "{}"));
                batch.end(new Lsn(end), end, 1);

                RawWriter.open(lake).orElseThrow().commit(batch);
            }
        }

        assertThat(reader.schemas())
                .extracting("schema_id", "first_lsn")
                .containsExactly(org.assertj.core.groups.Tuple.tuple("00ff", 200L));
        assertThat(reader.changes()).hasSize(2);
    }

    @Test
    void aBatchOverMidnightIsTwoPartitionsInOneCommit() {
        RawWriter writer = RawWriter.create(lake, FIRST);
        long version = snapshot().getVersion();
        try (ChangeBatch batch = new ChangeBatch(new Lsn(100), 1 << 20)) {
            batch.begin();
            batch.add(TestingChanges.change(1, "{}", Duration.ofDays(1).minusNanos(1000)));
            batch.add(TestingChanges.change(2, "{}", Duration.ofDays(1)));
            batch.end(new Lsn(200), 200, 2);

            writer.commit(batch);
        }

        assertThat(reader.changes()).extracting("captured_day").containsExactly(0, 1);
        assertThat(snapshot().getVersion()).isEqualTo(version + 1);
    }

    @Test
    void theLogIsCheckpointedAndTheFilesAreCompressed() throws IOException {
        RawWriter writer = RawWriter.create(lake, FIRST);
        commit(writer, 200, 1000);
        for (int end = 201; end < 300; end++) {
            commit(writer, end, 0);
        }

        Path checkpoint = folder.resolve("raw/changes/_delta_log/00000000000000000100.checkpoint.parquet");
        RunningCapture.await(
                () -> Files.exists(checkpoint)
                        && Thread.getAllStackTraces().keySet().stream()
                                .noneMatch(thread -> thread.getName().equals("checkpoint")),
                Duration.ofSeconds(30));
        try (Stream<Path> files = Files.walk(folder.resolve("raw/changes"))) {
            List<Path> parquet =
                    files.filter(file -> file.toString().endsWith(".parquet")).toList();
            Path data = parquet.stream()
                    .filter(file -> file.toString().contains("captured_day"))
                    .findAny()
                    .orElseThrow();
            assertThat(Files.readString(data, java.nio.charset.StandardCharsets.ISO_8859_1))
                    .doesNotContain("{\"v\":\"200\"}{");
            assertThat(Files.size(data)).isLessThan(20_000);
        }
        assertThat(RawWriter.open(lake).orElseThrow().offset().lsn()).isEqualTo(299);
    }

    private static void commit(RawWriter writer, long end, int rows) {
        try (ChangeBatch batch = new ChangeBatch(new Lsn(writer.offset().lsn()), 1 << 20)) {
            TestingChanges.transaction(batch, end, rows);
            writer.commit(batch);
        }
    }

    private Snapshot snapshot() {
        return reader.snapshot().orElseThrow();
    }

    private long reached() {
        return snapshot()
                .getLatestTransactionVersion(reader.engine(), CommitId.capture("slot", 1))
                .orElseThrow();
    }
}
