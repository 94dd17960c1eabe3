package headwater.publish.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.embedded.EmbeddedServers;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.lake.process.Home;
import headwater.lake.process.PidFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * kill -9 of a backfill while it reads, once or {@code -Dheadwater.loadKills=10} times: it goes on under the same snapshot and
 * reads again at most one range per reader. And of the exporter, a third as often, with every row moved in between: it begins
 * again what was not whole.
 */
class BackfillIT {
    private static final Path FOLDER = Path.of("target", "backfill").toAbsolutePath();
    private static final Path LOGS = FOLDER.resolve("logs");
    private static final Path LOG = LOGS.resolve("backfill.log");
    private static final int KILLS = Integer.getInteger("headwater.loadKills", 1);
    private static final int READERS = 2;
    private static final String READING = " Reading table=";
    private static final String LOADED = " Loaded table=";
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Random RANDOM = new Random(6);

    private final List<HeadwaterProcess> services = new ArrayList<>();
    private EmbeddedServers servers;
    private Pipeline pipeline;

    @BeforeEach
    void start() {
        deleteLog();
        servers = EmbeddedServers.start(FOLDER.resolve("servers"));
        pipeline = PipelineFile.read(PipelineFile.SHIPPED, servers.environment()::get);
        // of some 2,600 rows a range; a round begins eight at most
        run("generate", "--rows", String.valueOf(20_000 * (KILLS + 1)));
        run("setup");
        // so that VACUUM FULL moves the rows
        execute("DELETE FROM cms.prescriber_drug WHERE id % 10 = 0");
    }

    private static void deleteLog() {
        try {
            Files.deleteIfExists(LOG);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void stop() {
        services.forEach(HeadwaterProcess::kill);
        servers.close();
    }

    @Test
    void aKilledBackfillGoesOnWhereItWas() {
        List<Set<String>> rounds = new ArrayList<>();
        for (int kill = 0; kill < KILLS; kill++) {
            rounds.add(killedWhileItReads());
            // the exporter holds the tables: nobody can move the rows between two rounds
            assertThatThrownBy(() -> execute("VACUUM FULL cms.prescriber_drug")).hasMessageContaining("lock timeout");
        }
        int before = logged(READING).size();

        try (HeadwaterProcess backfill = backfill("--parallelism", String.valueOf(READERS))) {
            backfill.awaitSuccess();
        }

        rounds.add(ranges(before));
        assertThat(logged("Going on under the snapshot")).hasSize(KILLS);
        for (int round = 0; round < KILLS; round++) {
            assertThat(readAgain(rounds, round))
                    .as("ranges of round %d that were read again", round)
                    .hasSizeLessThanOrEqualTo(READERS);
        }
        System.out.println("killed " + KILLS + " times, ranges read by each round " + sizes(rounds));
        run("publish");
        assertThatTheMartEqualsTheSource();
    }

    static IntStream rounds() {
        return IntStream.rangeClosed(1, Math.max(1, KILLS / 3));
    }

    @Tag("nightly")
    @ParameterizedTest(name = "round {0}")
    @MethodSource("rounds")
    void withoutItsExporterABackfillReadsAgainWhatWasNotWhole(int round) {
        boolean oneIsWhole = round > 1;
        killedWhile(
                () -> oneIsWhole ? !logged(LOADED).isEmpty() : !logged(READING).isEmpty());
        Set<String> whole = tables(logged(LOADED));
        PidFile.kill(exporter());
        execute("VACUUM FULL cms.prescriber_drug");
        execute("VACUUM FULL cms.drug");
        int before = logged(READING).size();

        try (HeadwaterProcess backfill = backfill("--parallelism", String.valueOf(READERS))) {
            backfill.awaitSuccess();
        }

        Set<String> last =
                tables(logged(READING).subList(before, logged(READING).size()));
        Set<String> incomplete = new HashSet<>();
        pipeline.tables().forEach(table -> incomplete.add(table.source().toString()));
        incomplete.removeAll(whole);
        assertThat(last).isEqualTo(incomplete);
        assertThat(whole.isEmpty()).isEqualTo(!oneIsWhole);
        assertThat(logged("Going on under the snapshot")).isEmpty();
        if (oneIsWhole) {
            // the tables are at two positions: the changes after the earlier one bring them together
            services.addAll(
                    List.of(start("capture"), start("merge", "--every", "1s"), start("publish", "--every", "1s")));
            CatchUp.mark(pipeline).await(PATIENCE, () -> services.forEach(HeadwaterProcess::checkRunning));
        } else {
            run("publish");
        }
        System.out.println("round " + round + " without its exporter: whole before " + whole + ", read again " + last);
        assertThatTheMartEqualsTheSource();
    }

    private void assertThatTheMartEqualsTheSource() {
        MartProof proof = MartProof.of(pipeline);
        System.out.println("compared " + proof.rows());
        assertThat(proof.differences()).isEmpty();
        assertThat(proof.rows().values()).allMatch(rows -> rows > 0);
    }

    private Set<String> killedWhileItReads() {
        int before = logged(READING).size();
        int enough = before + READERS + RANDOM.nextInt(6);
        killedWhile(() -> logged(READING).size() >= enough);
        return ranges(before);
    }

    private void killedWhile(BooleanSupplier itReads) {
        try (HeadwaterProcess backfill = backfill("--parallelism", String.valueOf(READERS), "--rate", "15000")) {
            Instant deadline = Instant.now().plus(PATIENCE);
            while (!itReads.getAsBoolean()) {
                backfill.checkRunning();
                assertThat(Instant.now()).as("begins to read").isBefore(deadline);
                LockSupport.parkNanos(20_000_000);
            }
            // at any moment within a range, its write or its commit
            LockSupport.parkNanos(RANDOM.nextInt(400) * 1_000_000L);
            backfill.kill();
        }
    }

    /** The ranges that were begun since so many. */
    private static Set<String> ranges(int before) {
        List<String> all = logged(READING);
        return all.subList(before, all.size()).stream()
                .map(line -> line.substring(line.indexOf(READING)))
                .collect(Collectors.toSet());
    }

    private static Set<String> readAgain(List<Set<String>> rounds, int round) {
        Set<String> again = new HashSet<>();
        rounds.subList(round + 1, rounds.size()).forEach(again::addAll);
        again.retainAll(rounds.get(round));
        return again;
    }

    private static List<Integer> sizes(List<Set<String>> rounds) {
        return rounds.stream().map(Set::size).toList();
    }

    private static Set<String> tables(List<String> lines) {
        return lines.stream()
                .map(line -> line.replaceAll(".* table=(\\S+) .*", "$1"))
                .collect(Collectors.toSet());
    }

    private static List<String> logged(String text) {
        if (!Files.exists(LOG)) {
            return List.of();
        }
        try (Stream<String> lines = Files.lines(LOG)) {
            return lines.filter(line -> line.contains(text)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ProcessHandle exporter() {
        try (Stream<Path> files = Files.list(Home.data().resolve("backfill"))) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .map(BackfillIT::text)
                    .filter(text -> text.contains(servers.postgres().url()))
                    .map(text -> Long.parseLong(text.replaceAll(".*\"pid\":(\\d+).*", "$1")))
                    .flatMap(pid -> ProcessHandle.of(pid).stream())
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void execute(String sql) {
        try (Connection source = servers.postgres().openAsSuperuser();
                Statement statement = source.createStatement()) {
            statement.execute("SET lock_timeout = '200ms'");
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }

    private void run(String command, String... options) {
        try (HeadwaterProcess process = start(command, options)) {
            process.awaitSuccess();
        }
    }

    private HeadwaterProcess start(String command, String... options) {
        return HeadwaterProcess.start(LOGS, servers.environment(), command, options);
    }

    private HeadwaterProcess backfill(String... options) {
        Map<String, String> environment = new HashMap<>(servers.environment());
        // ranges of half a megabyte, so that small tables have many
        environment.put(
                "HEADWATER_JVM",
                HeadwaterProcess.environment(LOGS).get("HEADWATER_JVM") + " -Dheadwater.rangePages=64");
        return HeadwaterProcess.start(LOGS, environment, "backfill", options);
    }
}
