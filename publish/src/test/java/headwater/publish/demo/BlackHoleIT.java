package headwater.publish.demo;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedServers;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A server that takes connections and answers nothing, under traffic: whoever needs it says so within a minute, goes on
 * by itself once it is there again, and nothing is lost.
 */
@Tag("nightly")
class BlackHoleIT {
    private static final Path FOLDER = Path.of("target", "black-hole").toAbsolutePath();
    private static final Path LOGS = FOLDER.resolve("logs");
    private static final Duration SAID_WITHIN = Duration.ofMinutes(1);
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static EmbeddedServers servers;
    private static BlackHole postgres;
    private static BlackHole s3;
    private static BlackHole mySql;
    private static Pipeline pipeline;
    private static final Map<String, HeadwaterProcess> services = new TreeMap<>();

    @BeforeAll
    static void start() throws IOException {
        servers = EmbeddedServers.start(FOLDER.resolve("servers"));
        postgres = new BlackHole(servers.postgres().port());
        s3 = new BlackHole(servers.s3().port());
        mySql = new BlackHole(servers.mySql().port());
        servers.s3().useInThisJvm();
        pipeline = PipelineFile.read(PipelineFile.SHIPPED, servers.environment()::get);
        Map<String, String> direct = environment();
        run(direct, "generate", "--rows", "4000");
        run(direct, "setup");
        Map<String, String> through = environment();
        through.put("HEADWATER_SOURCE_URL", postgres.through(servers.postgres().url()));
        through.put("HEADWATER_S3_ENDPOINT", s3.through(servers.s3().url()));
        through.put("HEADWATER_TARGET_URL", mySql.through(servers.mySql().url()));
        services.put("merge", HeadwaterProcess.start(LOGS, through, "merge", "--backfill", "--every", "1s"));
        services.put("capture", HeadwaterProcess.start(LOGS, through, "capture"));
        services.put("publish", HeadwaterProcess.start(LOGS, through, "publish", "--every", "1s"));
        CatchUp.mark(pipeline).await(PATIENCE, BlackHoleIT::checkRunning);
    }

    @AfterAll
    static void stop() throws IOException {
        services.values().forEach(HeadwaterProcess::kill);
        for (BlackHole way : List.of(postgres, s3, mySql)) {
            way.close();
        }
        servers.close();
    }

    @Test
    void mySqlIsSilent() throws IOException {
        isSaidAndPasses(mySql, "publish");
    }

    @Test
    void postgresIsSilent() throws IOException {
        isSaidAndPasses(postgres, "capture");
    }

    @Test
    void s3IsSilent() throws IOException {
        isSaidAndPasses(s3, "capture", "merge", "publish");
    }

    private static void isSaidAndPasses(BlackHole way, String... affected) throws IOException {
        try (HeadwaterProcess traffic = HeadwaterProcess.start(LOGS, environment(), "generate", "--changes", "50")) {
            CatchUp.mark(pipeline).await(PATIENCE, BlackHoleIT::checkRunning);
            Map<String, Long> before = new TreeMap<>();
            for (String service : affected) {
                before.put(service, Files.size(log(service)));
            }
            Instant begin = Instant.now();
            way.swallow();
            for (String service : affected) {
                String line = awaitComplaint(service, before.get(service), begin.plus(SAID_WITHIN));
                System.out.printf(
                        "%s after %d s: %s%n",
                        service, Duration.between(begin, Instant.now()).toSeconds(), line);
            }
            // longer than any answer is waited for
            while (Instant.now().isBefore(begin.plus(SAID_WITHIN.multipliedBy(2)))) {
                checkRunning();
                traffic.checkRunning();
                LockSupport.parkNanos(500_000_000);
            }
            way.open();
            Instant opened = Instant.now();
            CatchUp.mark(pipeline).await(PATIENCE, BlackHoleIT::checkRunning);
            System.out.printf(
                    "caught up %d s after it answered again%n",
                    Duration.between(opened, Instant.now()).toSeconds());
        }
        CatchUp.mark(pipeline).await(PATIENCE, BlackHoleIT::checkRunning);
        assertThat(MartProof.of(pipeline).differences()).isEmpty();
    }

    /** The first line above INFO of our own that a service logs after a place of its log. */
    private static String awaitComplaint(String service, long from, Instant deadline) throws IOException {
        while (true) {
            byte[] log = Files.readAllBytes(log(service));
            String since =
                    new String(log, (int) from, (int) (log.length - from), java.nio.charset.StandardCharsets.UTF_8);
            try (Stream<String> lines = since.lines()) {
                java.util.Optional<String> complaint = lines.filter(
                                line -> line.matches("\\S+ (WARN|ERROR) .* headwater[.].*"))
                        .findFirst();
                if (complaint.isPresent()) {
                    return complaint.get();
                }
            }
            assertThat(Instant.now()).as(service + " says it").isBefore(deadline);
            checkRunning();
            LockSupport.parkNanos(200_000_000);
        }
    }

    private static Path log(String service) {
        return LOGS.resolve(service + ".log");
    }

    private static void checkRunning() {
        services.values().forEach(HeadwaterProcess::checkRunning);
    }

    private static void run(Map<String, String> environment, String command, String... options) {
        try (HeadwaterProcess process = HeadwaterProcess.start(LOGS, environment, command, options)) {
            process.awaitSuccess();
        }
    }

    private static Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(FewRows.environment(LOGS));
        environment.putAll(servers.environment());
        return environment;
    }
}
