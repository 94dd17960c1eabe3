package headwater.publish.demo;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedPostgres;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.lake.process.Home;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every type of {@code types.sql}, and masked columns, through all zones of a lake: some rows by the load, the same again
 * by the change stream, while server, role and machine have other settings than Headwater's sessions.
 */
class AllTypesIT {
    private static final Path SERVER = Path.of("target", "types", "postgres").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final List<String> OTHER_SETTINGS = List.of(
            "datestyle TO 'German, DMY'",
            "intervalstyle TO 'iso_8601'",
            "bytea_output TO 'escape'",
            "timezone TO 'Asia/Tokyo'",
            "extra_float_digits TO 0");

    /** Columns of people, in types that a mask has to turn into text. */
    private static final String PEOPLE = """
            CREATE TABLE t.person (id bigint PRIMARY KEY, name text, ssn char(12), born date, rich boolean, phone text,
            town text)""";

    private static final String TOWN = "seen-in-Ypsilanti";

    @TempDir
    private static Path folder;

    private static EmbeddedPostgres server;
    private static LakeRows lake;
    private static Pipeline pipeline;
    private static Map<String, String> types;
    private static List<Map<String, String>> written;

    @BeforeAll
    static void carryAll() throws Exception {
        server = EmbeddedPostgres.start(SERVER);
        for (String setting : OTHER_SETTINGS) {
            execute("ALTER DATABASE partd SET " + setting, "ALTER ROLE headwater SET " + setting);
        }
        execute("CREATE SCHEMA t", PEOPLE, "ALTER TABLE t.person REPLICA IDENTITY FULL");
        execute(examples("CREATE"));
        execute(examples("INSERT"));
        execute("INSERT INTO t.person VALUES (1, 'loaded-Alva', '111-22-3333', '1970-01-02', true, '+1-555-0100', '"
                + TOWN + "')");
        execute(
                "CREATE PUBLICATION types FOR TABLE t.types, t.person",
                "SELECT pg_create_logical_replication_slot('types', 'pgoutput')");
        Path file = Files.writeString(folder.resolve("types.yaml"), yaml());
        pipeline = PipelineFile.read(file.toString(), environment()::get);
        lake = new LakeRows(pipeline.lake());
        run(file);
        types = lake.types(
                pipeline.layout().rawSnapshots(pipeline.tables().get(0).source()));
        written = written();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void everyTypeIsTheSameByLoadAndByStream() throws SQLException {
        List<Map<String, String>> cleansed = lake.of(pipeline.layout().cleansed("types"));
        assertThat(cleansed).hasSameSizeAs(written).hasSizeGreaterThan(40);
        cleansed.forEach(row -> row.keySet().removeIf(column -> column.startsWith("_")));
        Map<Integer, Map<String, String>> byId = new TreeMap<>();
        cleansed.forEach(row -> byId.put(Integer.parseInt(row.get("id")), row));
        for (Map<String, String> row : written) {
            Map<String, String> found = byId.get(Integer.parseInt(row.get("id")));
            row.forEach((column, text) -> assertThat(canonical(column, found.get(column)))
                    .as("row %s column %s", row.get("id"), column)
                    .isEqualTo(canonical(column, text)));
            assertThat(found).hasSameSizeAs(row);
        }
    }

    @Test
    void thePageOfTypesSaysWhatTheLakeHas() throws IOException, SQLException {
        List<String> page = Files.readAllLines(Home.folder().resolve("docs/types.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .toList();
        Map<String, List<String>> columnsOf = columnsByType();
        List<String> onPage = new ArrayList<>();
        for (String line : page) {
            // a bar within a cell is written \|
            String[] cells = line.split(" (?<!\\\\)\\| | \\|$", -1);
            String name = cells[0].replaceAll("^\\| ", "").replaceAll("^`([^`(]*).*", "$1");
            onPage.add(name);
            String example = cells[1].replaceAll("^`|`$", "").replace("\\|", "|");
            String kept = cells[2].replaceAll("`", "").replaceFirst(" .*", "");
            assertThat(columnsOf).as(line).containsKey(name);
            assertThat(columnsOf.get(name))
                    .as(line)
                    .anySatisfy(column -> assertThat(written)
                            .extracting(row -> row.get(column))
                            .contains(example));
            assertThat(columnsOf.get(name))
                    .as(line)
                    .anySatisfy(column -> assertThat(types.get(column).replaceAll("Decimal\\(.*", "decimal"))
                            .isEqualTo(kept));
        }
        assertThat(columnsOf.keySet()).isEqualTo(Set.copyOf(onPage));
    }

    @Test
    void maskedValuesAreNowhereInTheLakeNorInLogs() throws IOException {
        List<Map<String, String>> people = lake.of(pipeline.layout().cleansed("person")).stream()
                .filter(row -> row.get("_deleted").equals("false"))
                .toList();
        assertThat(people).extracting(row -> row.get("id")).containsExactlyInAnyOrder("1", "2", "4");
        Map<String, Map<String, String>> byId =
                people.stream().collect(Collectors.toMap(row -> row.get("id"), row -> row));
        // 1 came by the load, 2 and 4 by the stream, with the same values
        for (String column : List.of("name", "ssn", "born", "rich")) {
            assertThat(byId.get("1").get(column))
                    .as(column)
                    .matches("[0-9a-f]{64}")
                    .isEqualTo(byId.get("2").get(column));
        }
        assertThat(byId.get("1")).containsEntry("phone", "redacted").containsEntry("town", TOWN);
        assertThat(byId.get("2")).containsEntry("phone", "redacted").containsEntry("name_length", "64");
        assertThat(byId.get("4")).containsEntry("phone", null).containsEntry("ssn", null);

        assertThat(filesWith(folder.resolve("lake"), TOWN))
                .as("files are searched as they are: nothing is compressed")
                .hasSizeGreaterThan(4);
        for (String secret :
                List.of("loaded-Alva", "111-22-3333", "1970-01-02", "555-0100", "changed-Bela", "444-55-6666")) {
            assertThat(filesWith(folder.resolve("lake"), secret)).as(secret).isEmpty();
            assertThat(filesWith(folder.resolve("logs"), secret)).as(secret).isEmpty();
        }
        assertThat(filesWith(folder.resolve("logs"), environment().get("SALT"))).isEmpty();
    }

    private static void run(Path file) throws Exception {
        String[] options = {"--pipeline", file.toString()};
        try (HeadwaterProcess capture = start("capture", options)) {
            start("backfill", options).awaitSuccess();
            execute(examples("INSERT"));
            execute(
                    "INSERT INTO t.person SELECT 2, name, ssn, born, rich, phone, town FROM t.person WHERE id = 1",
                    "INSERT INTO t.person VALUES (3, 'changed-Bela', '444-55-6666', '1970-01-02', false, '+1-555-0100', NULL)",
                    "UPDATE t.person SET id = 4, ssn = NULL, phone = NULL WHERE id = 3",
                    "INSERT INTO t.person SELECT 5, name, ssn, born, rich, phone, town FROM t.person WHERE id = 1",
                    "DELETE FROM t.person WHERE id = 5");
            long rows = Long.parseLong(first("SELECT count(*) FROM t.types"));
            try (HeadwaterProcess merge = start("merge", "--pipeline", file.toString(), "--every", "1s")) {
                Instant deadline = Instant.now().plus(PATIENCE);
                while (!merged(rows)) {
                    capture.checkRunning();
                    merge.checkRunning();
                    assertThat(Instant.now()).as("merged within %s", PATIENCE).isBefore(deadline);
                    LockSupport.parkNanos(500_000_000);
                }
            }
        }
    }

    private static boolean merged(long rows) {
        return lake.of(pipeline.layout().cleansed("types")).size() == rows
                && lake.of(pipeline.layout().cleansed("person")).stream()
                        .filter(row -> row.get("_deleted").equals("false"))
                        .map(row -> row.get("id"))
                        .toList()
                        .contains("4");
    }

    private static HeadwaterProcess start(String command, String... options) {
        return HeadwaterProcess.start(folder.resolve("logs"), environment(), command, options);
    }

    /** Files that are not compressed, and a machine that is not in UTC. */
    private static Map<String, String> environment() {
        String jvm = HeadwaterProcess.environment(folder).get("HEADWATER_JVM");
        return Map.of(
                "HEADWATER_JVM",
                jvm + " -Dspark.sql.parquet.compression.codec=uncompressed -Duser.timezone=America/New_York",
                "PW",
                server.password(),
                "SALT",
                "a-salt-of-this-test");
    }

    private static String yaml() throws SQLException {
        String columns = query(
                        "SELECT attname FROM pg_attribute WHERE attrelid = 't.types'::regclass AND attnum > 0 ORDER BY attnum")
                .stream()
                .map(row -> row.get(0))
                .map(column -> column.equals("id") ? "id: id" : column + ": CAST(" + column + " AS string)")
                .collect(Collectors.joining(", "));
        return """
                name: types
                source: {url: "%s", user: headwater, password: "${PW}", slot: types, publication: types, maskSalt: "${SALT}"}
                lake:
                  root: "file:%s"
                  options: {parquet.compression: UNCOMPRESSED}
                target: {url: "jdbc:mysql://nowhere/none", user: none, password: "${PW}"}
                capture: {flushInterval: 200ms}
                tables:
                  types:
                    source: t.types
                    key: [id]
                    columns: {%s}
                    asText: [any_numeric, any_date, any_timestamp, any_timestamptz]
                  person:
                    source: t.person
                    key: [id]
                    columns: {id: id, name: name, ssn: ssn, born: born, rich: rich, phone: phone, town: town,
                              name_length: CAST(length(name) AS string)}
                    mask: {name: hash, ssn: hash, born: hash, rich: hash, phone: redact}
                """.formatted(server.url(), folder.resolve("lake"), columns);
    }

    /** PostgreSQL's own texts of all rows, in UTC, ISO and postgres style. */
    private static List<Map<String, String>> written() throws SQLException {
        // format gives what a type's output function writes; a cast trims char(n) and adds to inet and xml
        String columns = query("SELECT CASE WHEN atttypid IN (16, 't.yes'::regtype) THEN attname || '::text' ELSE"
                        + " 'CASE WHEN ' || attname || ' IS NOT NULL THEN format(''%s'', ' || attname || ') END AS ' || attname END"
                        + " FROM pg_attribute WHERE attrelid = 't.types'::regclass AND attnum > 0 ORDER BY attnum")
                .stream()
                .map(row -> row.get(0))
                .collect(Collectors.joining(", "));
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            statement.execute("SET datestyle TO 'ISO'; SET intervalstyle TO 'postgres'; SET bytea_output TO 'hex';"
                    + " SET timezone TO 'UTC'; SET extra_float_digits TO 3");
            List<Map<String, String>> rows = new ArrayList<>();
            try (ResultSet row = statement.executeQuery("SELECT " + columns + " FROM t.types ORDER BY id")) {
                while (row.next()) {
                    Map<String, String> values = new LinkedHashMap<>();
                    for (int at = 1; at <= row.getMetaData().getColumnCount(); at++) {
                        values.put(row.getMetaData().getColumnLabel(at), row.getString(at));
                    }
                    rows.add(values);
                }
            }
            return rows;
        }
    }

    /** Spark's text of a number or of a timestamp with time zone is another one for the same value. */
    private static Object canonical(String column, String text) {
        String type = types.get(column);
        if (text == null || type.equals("string")) {
            return Optional.ofNullable(text);
        }
        if (type.equals("float")) {
            return Float.valueOf(text);
        }
        if (type.equals("double")) {
            return Double.valueOf(text);
        }
        if (type.startsWith("Decimal")) {
            return new BigDecimal(text).toPlainString();
        }
        return text.replaceFirst("\\+00$", "");
    }

    /** Type as the page names it, to the columns of {@code types}. */
    private static Map<String, List<String>> columnsByType() throws SQLException {
        Map<String, List<String>> columns = new TreeMap<>();
        query("""
                SELECT CASE WHEN t.typtype = 'e' THEN 'enum' WHEN t.typtype = 'd' THEN 'domain' WHEN t.typtype = 'r' THEN 'range'
                            WHEN t.typtype = 'm' THEN 'multirange' WHEN t.typcategory = 'A' THEN 'array' ELSE format_type(t.oid, NULL) END,
                       a.attname
                FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = 't.types'::regclass AND a.attnum > 0""")
                .forEach(row -> columns.computeIfAbsent(row.get(0), type -> new ArrayList<>())
                        .add(row.get(1)));
        return columns;
    }

    private static List<Path> filesWith(Path folder, String text) throws IOException {
        byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
        String latin = new String(wanted, StandardCharsets.ISO_8859_1);
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(latin)) {
                    found.add(file);
                }
            }
        }
        return found;
    }

    private static String[] examples(String verb) throws IOException {
        String sql = Files.readString(Home.folder().resolve("lake/src/test/resources/types.sql"));
        return Arrays.stream(sql.replaceAll("(?m)^--.*$", "").split(";\\n"))
                .map(String::strip)
                .filter(statement -> statement.startsWith(verb))
                .map(statement -> statement.replace("$", "t"))
                .toArray(String[]::new);
    }

    private static void execute(String... statements) throws SQLException {
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String first(String sql) throws SQLException {
        return query(sql).get(0).get(0);
    }

    private static List<List<String>> query(String sql) throws SQLException {
        try (Connection connection = open();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<List<String>> rows = new ArrayList<>();
            while (row.next()) {
                List<String> values = new ArrayList<>();
                for (int at = 1; at <= row.getMetaData().getColumnCount(); at++) {
                    values.add(row.getString(at));
                }
                rows.add(values);
            }
            return rows;
        }
    }

    private static Connection open() throws SQLException {
        return DriverManager.getConnection(server.url(), EmbeddedPostgres.USER, server.password());
    }
}
