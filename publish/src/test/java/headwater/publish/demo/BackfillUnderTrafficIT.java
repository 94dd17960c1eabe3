package headwater.publish.demo;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedServers;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A first load of 2,000,000 rows while 2,000 rows a second change: the mart is the source, so neither gap nor overlap. */
@Tag("nightly")
class BackfillUnderTrafficIT {
    private static final Path FOLDER = Path.of("target", "backfill-traffic").toAbsolutePath();
    private static final Path LOGS = FOLDER.resolve("logs");
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private final EmbeddedServers servers = EmbeddedServers.start(FOLDER.resolve("servers"));
    private final List<HeadwaterProcess> services = new ArrayList<>();

    @AfterEach
    void stop() {
        services.forEach(HeadwaterProcess::kill);
        servers.close();
    }

    @Test
    void changesDuringTheLoadAreNeitherLostNorDoubled() {
        Pipeline pipeline = PipelineFile.read(PipelineFile.SHIPPED, servers.environment()::get);
        run("generate", "--rows", "2000000");
        run("setup");
        services.add(start("capture"));
        try (HeadwaterProcess traffic = start("generate", "--changes", "2000")) {
            run("backfill");
            assertThat(traffic.alive())
                    .as("the traffic goes on through all of it")
                    .isTrue();
        }
        System.out.println(last("generate") + "\n" + last("backfill"));
        services.add(start("merge", "--every", "1s"));
        services.add(start("publish", "--every", "1s"));
        CatchUp.mark(pipeline).await(PATIENCE, () -> services.forEach(HeadwaterProcess::checkRunning));

        MartProof proof = MartProof.of(pipeline);

        System.out.println("compared " + proof.rows());
        assertThat(proof.differences()).isEmpty();
        assertThat(proof.rows().values()).allMatch(rows -> rows > 0);
    }

    private String last(String command) {
        try (Stream<String> lines = Files.lines(LOGS.resolve(command + ".out"))) {
            return lines.reduce("", (before, line) -> line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
}
