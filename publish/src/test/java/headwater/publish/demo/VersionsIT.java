package headwater.publish.demo;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedMySql;
import headwater.lake.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every version of PostgreSQL that the README names: types, partitions and key updates, by load and by stream. */
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
    void loadAndStreamAreRight(Path jar) throws Exception {
        String name = "v" + jar.getFileName().toString().replaceFirst("^.*-([0-9]+)[.].*$", "$1");
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(FOLDER.resolve("postgres-" + name), jar);
                CaseRun run = new CaseRun(postgres, mySql, FOLDER, name, TABLES)) {
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

    private static void assertSame(CaseRun run) throws Exception {
        run.assertSame(
                "SELECT region, id, amount, at, note FROM sales",
                "SELECT region, id, amount, to_char(at, 'YYYY-MM-DD HH24:MI:SS'), note FROM $.sale");
        run.assertSame("SELECT day, id, v FROM readings", "SELECT day, id, v FROM $.reading");
    }
}
