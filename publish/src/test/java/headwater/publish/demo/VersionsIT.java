package headwater.publish.demo;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedMySql;
import headwater.lake.embedded.EmbeddedPostgres;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.publish.report.ReportServer;
import headwater.publish.report.partd.PartDReports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every version of PostgreSQL, MySQL and MariaDB that the README names: types, partitions and key updates by load and by
 * stream, and the shipped pipeline with its reports.
 */
@Tag("nightly")
class VersionsIT {
    private static final Path FOLDER = Path.of("target", "versions").toAbsolutePath();
    private static final Path JARS = Path.of("target", "postgres-versions").toAbsolutePath();
    private static final String TABLES = """
            tables:
              sale: {source: $.sale, key: [id], columns: {id: id, region: region, amount: amount, at: at, note: note}}
              reading: {source: $.reading, key: [day, id], columns: {day: day, id: id, v: v}}
            curated:
              sales: {key: [region, id], partitionBy: [region], sql: "SELECT region, id, amount, CAST(at AS string) AS at, note FROM sale", affectedBy: {sale: "SELECT region, id FROM changes"}, columns: {region: varchar(20), id: bigint, amount: "decimal(12,2)", at: varchar(40), note: text}}
              readings: {key: [day, id], sql: "SELECT * FROM reading", affectedBy: {reading: "SELECT day, id FROM changes"}, columns: {day: date, id: bigint, v: int}}
            """;

    private static EmbeddedMySql mySql;

    @BeforeAll
    static void startMySql() {
        mySql = EmbeddedMySql.start(FOLDER.resolve("mysql"));
    }

    @AfterAll
    static void stopMySql() {
        mySql.close();
    }

    static List<Path> jars() throws IOException {
        try (Stream<Path> jars = Files.list(JARS)) {
            return jars.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("jars")
    void everyPostgresIsRight(Path jar) throws Exception {
        String name = "v" + jar.getFileName().toString().replaceFirst("^.*-([0-9]+)[.].*$", "$1");
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(FOLDER.resolve("postgres-" + name), jar)) {
            isRight(postgres, CaseRun.Target.of(mySql), name);
        }
    }

    @ParameterizedTest
    @EnumSource(DebianMart.Server.class)
    void everyMartIsRight(DebianMart.Server server) throws Exception {
        String name = server.name().toLowerCase(Locale.ROOT).replace("_", "");
        try (DebianMart mart = DebianMart.start(server, FOLDER.resolve(name + "-server"));
                EmbeddedPostgres postgres = EmbeddedPostgres.start(FOLDER.resolve("postgres"))) {
            System.out.println(server + " is " + mart.version());
            isRight(postgres, CaseRun.Target.of(mart), name);
        }
    }

    private static void isRight(EmbeddedPostgres postgres, CaseRun.Target target, String name) throws Exception {
        loadAndStream(postgres, target, name);
        shippedPipelineAndReports(postgres, target, name + "-shipped");
    }

    private static void loadAndStream(EmbeddedPostgres postgres, CaseRun.Target target, String name) throws Exception {
        try (CaseRun run = new CaseRun(postgres, target, FOLDER, name, TABLES)) {
            run.source(
                    "CREATE SCHEMA " + name,
                    "CREATE TABLE $.sale (id bigint PRIMARY KEY, region text NOT NULL, amount numeric(12,2), at timestamp, note text)",
                    "INSERT INTO $.sale SELECT g, 'r' || g % 5, g / 7.0, timestamp '2024-02-28' + g * interval '7 hours', repeat('n', g)"
                            + " FROM generate_series(1, 2000) g",
                    "CREATE TABLE $.reading (day date, id bigint, v int, PRIMARY KEY (day, id)) PARTITION BY RANGE (day)",
                    "CREATE TABLE $.r23 PARTITION OF $.reading FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')",
                    "CREATE TABLE $.r24 PARTITION OF $.reading FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
                    "INSERT INTO $.reading SELECT date '2023-01-01' + g, g, g FROM generate_series(1, 700) g");
            run.load();
            assertSame(run);

            run.source(
                    "UPDATE $.sale SET amount = amount + 1, region = 'moved' WHERE id % 10 = 0",
                    "DELETE FROM $.sale WHERE id % 10 = 1",
                    "UPDATE $.sale SET id = -id WHERE id % 10 = 2",
                    "INSERT INTO $.sale VALUES (10000, 'new', NULL, NULL, NULL)",
                    "UPDATE $.reading SET day = day + 365 WHERE id <= 300",
                    "TRUNCATE $.reading",
                    "INSERT INTO $.reading VALUES ('2024-02-29', 1, 1)");
            run.arrive();
            assertSame(run);
            assertThat(run.run("check")).as(() -> run.output("check")).isZero();
        }
    }

    /** Services as the demo runs them, traffic, the proof over every table, and the pages. */
    private static void shippedPipelineAndReports(EmbeddedPostgres postgres, CaseRun.Target target, String name)
            throws Exception {
        Path folder = FOLDER.resolve(name);
        CaseRun.emptied(folder);
        Map<String, String> environment = new HashMap<>(FewRows.environment(folder.resolve("logs")));
        environment.putAll(Map.of(
                "HEADWATER_SOURCE_URL", postgres.url(),
                "HEADWATER_SOURCE_PASSWORD", postgres.password(),
                "HEADWATER_LAKE", "file:" + folder.resolve("lake"),
                "HEADWATER_TARGET_URL", target.url(),
                "HEADWATER_TARGET_USER", target.user(),
                "HEADWATER_TARGET_PASSWORD", target.password(),
                "HEADWATER_REPORT_PASSWORD", ""));
        Pipeline pipeline = PipelineFile.read(PipelineFile.SHIPPED, environment::get);
        List<HeadwaterProcess> services = new ArrayList<>();
        try {
            run(folder, environment, "generate", "--rows", "2000");
            run(folder, environment, "setup");
            services.add(start(folder, environment, "merge", "--backfill", "--every", "500ms"));
            services.add(start(folder, environment, "capture"));
            services.add(start(folder, environment, "publish", "--every", "500ms"));
            run(folder, environment, "generate", "--changes", "100", "--for", "10s");
            CatchUp.mark(pipeline).await(Duration.ofMinutes(5), () -> services.forEach(HeadwaterProcess::checkRunning));

            MartProof proof = MartProof.of(pipeline);
            System.out.println(name + ": " + proof.rows());
            assertThat(proof.differences()).isEmpty();
            assertThat(proof.rows().values()).allMatch(rows -> rows > 0);
            try (ReportServer reports = ReportServer.start(pipeline, PartDReports.ALL, "127.0.0.1", 0)) {
                for (String page : List.of("/drugs", "/prescribers", "/drugs/rows", "/prescribers/rows", "/pipeline")) {
                    HttpResponse<String> answer = HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + reports.port() + page))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString());
                    assertThat(answer.statusCode()).as(page + answer.body()).isEqualTo(200);
                }
            }
        } finally {
            services.forEach(HeadwaterProcess::close);
        }
        run(folder, environment, "teardown", "--drop-target");
    }

    private static HeadwaterProcess start(
            Path folder, Map<String, String> environment, String command, String... options) {
        return HeadwaterProcess.start(folder.resolve("logs"), environment, command, options);
    }

    private static void run(Path folder, Map<String, String> environment, String command, String... options) {
        try (HeadwaterProcess process = start(folder, environment, command, options)) {
            process.awaitSuccess();
        }
    }

    private static void assertSame(CaseRun run) throws Exception {
        run.assertSame(
                "SELECT region, id, amount, at, note FROM sales",
                "SELECT region, id, amount, to_char(at, 'YYYY-MM-DD HH24:MI:SS'), note FROM $.sale");
        run.assertSame("SELECT day, id, v FROM readings", "SELECT day, id, v FROM $.reading");
    }
}
