package headwater.publish.demo;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedServers;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two merge services of one lake under traffic, of which the one that owns it is stopped, woken late, or killed. */
@Tag("nightly")
class MergeOwnersIT {
    private static final Path FOLDER = Path.of("target", "merge-owners").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static EmbeddedServers servers;
    private static Pipeline pipeline;
    private static HeadwaterProcess capture;
    private static HeadwaterProcess publish;

    @BeforeAll
    static void start() {
        servers = EmbeddedServers.start(FOLDER.resolve("servers"));
        servers.s3().useInThisJvm();
        pipeline = PipelineFile.read(PipelineFile.SHIPPED, servers.environment()::get);
        run("generate", "--rows", "4000");
        run("setup");
        capture = start(FOLDER.resolve("logs"), "capture");
        publish = start(FOLDER.resolve("logs"), "publish", "--every", "1s");
    }

    @AfterAll
    static void stop() {
        capture.kill();
        publish.kill();
        servers.close();
    }

    @Test
    void theOneThatIsLateIsRefusedAndNothingIsWrong() throws Exception {
        try (HeadwaterProcess traffic = start(FOLDER.resolve("logs"), "generate", "--changes", "50");
                HeadwaterProcess one = merge("one")) {
            caughtUp();
            try (HeadwaterProcess two = merge("two")) {
                new UnfinishedWork(log("two"), "another merge is at it", "Merged to=").await(PATIENCE);

                signal(one, "STOP");
                new UnfinishedWork(log("two"), "Merged to=", "never").await(PATIENCE);
                caughtUp();
                signal(one, "CONT");
                new UnfinishedWork(log("one"), "another merge took over while this one did not answer", "never")
                        .await(PATIENCE);
                caughtUp();

                two.kill();
                new UnfinishedWork(log("one"), "Merged to=", "never").await(PATIENCE);
                caughtUp();
            }
            assertThat(traffic.alive()).isTrue();
        }
        try (HeadwaterProcess last = merge("last")) {
            caughtUp();
            assertThat(MartProof.of(pipeline).differences()).isEmpty();
            last.checkRunning();
        }
        for (String name : new String[] {"one", "two"}) {
            Files.readString(log(name))
                    .lines()
                    .filter(line -> line.contains("another"))
                    .limit(3)
                    .forEach(System.out::println);
        }
    }

    private static void caughtUp() {
        CatchUp.mark(pipeline).await(PATIENCE, () -> {
            capture.checkRunning();
            publish.checkRunning();
        });
    }

    private static void signal(HeadwaterProcess process, String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                .start()
                .waitFor();
    }

    private static HeadwaterProcess merge(String name) {
        return start(FOLDER.resolve(name), "merge", "--backfill", "--every", "1s");
    }

    private static Path log(String name) {
        return FOLDER.resolve(name).resolve("merge.log");
    }

    private static void run(String command, String... options) {
        try (HeadwaterProcess process = start(FOLDER.resolve("logs"), command, options)) {
            process.awaitSuccess();
        }
    }

    private static HeadwaterProcess start(Path logs, String command, String... options) {
        Map<String, String> environment = new HashMap<>(FewRows.environment(logs));
        environment.putAll(servers.environment());
        return HeadwaterProcess.start(logs, environment, command, options);
    }
}
