package headwater.publish.demo;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedServer;
import headwater.lake.embedded.EmbeddedServers;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * kill -9 of each process and each server under traffic, at moments when a process's log proves unfinished work. Once each,
 * or {@code -Dheadwater.kills=5} times.
 */
class KillIT {
    private static final Path FOLDER = Path.of("target", "kill").toAbsolutePath();
    private static final Path LOGS = FOLDER.resolve("logs");
    private static final int KILLS = Integer.getInteger("headwater.kills", 1);
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static EmbeddedServers servers;
    private static final Map<String, HeadwaterProcess> services = new LinkedHashMap<>();

    @BeforeAll
    static void start() {
        servers = EmbeddedServers.start(FOLDER.resolve("servers"));
        run("generate", "--rows", "6000");
        run("setup");
        serve("capture");
        serve("merge");
        serve("publish");
    }

    @AfterAll
    static void stop() {
        services.values().forEach(HeadwaterProcess::kill);
        servers.close();
    }

    @Test
    void nothingIsLostOrDoubledWhateverIsKilled() {
        Map<String, Integer> kills = new LinkedHashMap<>();
        try (HeadwaterProcess traffic = process("generate", "--changes", "100")) {
            for (int round = 0; round < KILLS; round++) {
                killAtUnfinishedWork("capture");
                serve("capture");
                killAtUnfinishedWork("publish");
                serve("publish");
                killAtUnfinishedWork("mysql", servers.mySql(), work("publish"), () -> {});
                killAtUnfinishedWork("merge");
                killAtUnfinishedWork("postgres", servers.postgres(), work("capture"), KillIT::startMergeInVain);
                killAtUnfinishedWork("s3", servers.s3(), work("merge"), () -> {});
                kills.merge("each process", 1, Integer::sum);
                kills.merge("each server", 1, Integer::sum);
            }
            assertThat(traffic.alive())
                    .as("the traffic goes on through all of it")
                    .isTrue();
        }
        Pipeline pipeline = PipelineFile.read(PipelineFile.SHIPPED, servers.environment()::get);
        CatchUp.mark(pipeline).await(PATIENCE.multipliedBy(2), () -> {});

        MartProof proof = MartProof.of(pipeline);

        System.out.println("killed " + kills + ", then compared " + proof.rows());
        assertThat(proof.differences()).isEmpty();
        assertThat(proof.rows().values()).allMatch(rows -> rows > 0);
        assertThatTheProofCanFail(pipeline);
    }

    private static void assertThatTheProofCanFail(Pipeline pipeline) {
        services.values().forEach(HeadwaterProcess::kill);
        try (Connection mart = pipeline.target().open();
                Statement statement = mart.createStatement()) {
            assertThat(statement.executeUpdate(
                            "UPDATE state_summary SET total_claims = total_claims + 1 WHERE state_code = 'CA'"))
                    .isEqualTo(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }

        List<Difference> differences = MartProof.of(pipeline).differences();

        assertThat(differences).hasSize(1);
        assertThat(differences.get(0).toString())
                .startsWith("table state_summary, key year=2020 state_code=CA, column total_claims: source has ");
    }

    /** Tries again if the work ended between the look at the log and the kill: then the kill proved nothing. */
    private static void killAtUnfinishedWork(String service) {
        UnfinishedWork work = work(service);
        while (true) {
            long from = work.length();
            work.await(PATIENCE);
            services.get(service).kill();
            if (work.open(from)) {
                break;
            }
            System.out.println("killed " + service + " too late, again");
            serve(service);
        }
        System.out.println("killed " + service + " within its work");
    }

    private static void killAtUnfinishedWork(
            String name, EmbeddedServer server, UnfinishedWork work, Runnable whileDown) {
        boolean proven = false;
        while (!proven) {
            long from = work.length();
            work.await(PATIENCE);
            proven = kill(server, () -> work.open(from));
            System.out.println("killed " + name + (proven ? " within \"" + work.begun() + "\"" : " too late, again"));
            if (proven) {
                whileDown.run();
            }
            server.restart();
        }
        // the processes find back by themselves
        work.await(PATIENCE);
    }

    /** A service that starts while its server is away waits for it. */
    private static void startMergeInVain() {
        serve("merge");
        new UnfinishedWork(work("merge").log(), "Backfill failed and is tried again", "Merged to=").await(PATIENCE);
    }

    /** Looks as soon as the server is dead; until its last child process is gone, commits of others may come to their end. */
    private static boolean kill(EmbeddedServer server, BooleanSupplier unfinished) {
        CompletableFuture<Void> kill = CompletableFuture.runAsync(server::kill);
        while (server.alive()) {
            Thread.onSpinWait();
        }
        boolean proven = unfinished.getAsBoolean();
        kill.join();
        return proven;
    }

    private static UnfinishedWork work(String service) {
        Path output = LOGS.resolve(service + ".log");
        return switch (service) {
            case "capture" -> new UnfinishedWork(output, "Committing raw batch", "Committed raw batch");
            case "merge" -> new UnfinishedWork(output, "Merging cleansed", "Merged cleansed");
            case "publish" -> new UnfinishedWork(output, "Publishing ", "Published ");
            default -> throw new IllegalArgumentException(service);
        };
    }

    private static void serve(String command) {
        HeadwaterProcess process = switch (command) {
            case "capture" -> process(command);
            case "merge" -> process(command, "--backfill", "--every", "1s");
            default -> process(command, "--every", "1s");
        };
        services.put(command, process);
    }

    private static void run(String command, String... options) {
        try (HeadwaterProcess process = process(command, options)) {
            process.awaitSuccess();
        }
    }

    private static HeadwaterProcess process(String command, String... options) {
        Map<String, String> environment = FewRows.environment(LOGS);
        environment.putAll(servers.environment());
        return HeadwaterProcess.start(LOGS, environment, command, options);
    }
}
