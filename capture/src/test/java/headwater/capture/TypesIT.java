package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import headwater.lake.process.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every type of {@code types.sql} from PostgreSQL to raw/changes, compared with PostgreSQL's own text. */
class TypesIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> OTHER_SETTINGS = List.of(
            "datestyle TO 'German, DMY'",
            "intervalstyle TO 'iso_8601'",
            "bytea_output TO 'escape'",
            "timezone TO 'Asia/Tokyo'",
            "extra_float_digits TO 0");

    @TempDir
    private Path folder;

    @Test
    void everyTypeArrivesAsPostgresWritesIt() throws Exception {
        try (TestingSource source = new TestingSource(List.of("types"), statements("CREATE"));
                RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            source.execute(statements("INSERT"));

            assertArrived(source, capture);
        }
    }

    @Test
    void whatServerRoleAndMachineHaveSetChangesNoText() throws Exception {
        TimeZone before = TimeZone.getDefault();
        try (TestingSource source = new TestingSource(List.of("types"), statements("CREATE"))) {
            for (String setting : OTHER_SETTINGS) {
                source.execute("ALTER DATABASE partd SET " + setting, "ALTER ROLE headwater SET " + setting);
            }
            TimeZone.setDefault(TimeZone.getTimeZone("America/New_York"));
            try (RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
                source.execute(statements("INSERT"));

                assertArrived(source, capture);
            } finally {
                TimeZone.setDefault(before);
                source.execute("ALTER DATABASE partd RESET ALL", "ALTER ROLE headwater RESET ALL");
            }
        }
    }

    @Test
    void aTypeThatIsMadeWhileCaptureRunsArrivesToo() throws Exception {
        try (TestingSource source = new TestingSource(List.of("a"), "CREATE TABLE $.a (id int PRIMARY KEY)");
                RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            source.execute(
                    "INSERT INTO $.a VALUES (1)",
                    "CREATE TYPE $.size AS ENUM ('s', 'm')",
                    "CREATE TYPE $.pair AS (x int, took interval)",
                    "ALTER TABLE $.a ADD size $.size DEFAULT 's', ADD pair $.pair",
                    "INSERT INTO $.a VALUES (2, 'm', ROW(1, '1 day'))");

            List<Map<String, Object>> rows = capture.awaitAll(source);

            assertThat(rows.get(1))
                    .containsEntry("after", "{\"id\":\"2\",\"size\":\"m\",\"pair\":\"(1,\\\"1 day\\\")\"}");
        }
    }

    private static void assertArrived(TestingSource source, RunningCapture capture) throws Exception {
        List<Map<String, Object>> rows = capture.awaitAll(source);
        List<Map<String, String>> expected = texts(source);
        assertThat(rows).hasSameSizeAs(expected).hasSizeGreaterThan(20);
        for (int row = 0; row < rows.size(); row++) {
            assertThat(JSON.readValue(
                            (String) rows.get(row).get("after"), new TypeReference<LinkedHashMap<String, String>>() {}))
                    .as("row %d", row)
                    .isEqualTo(expected.get(row));
        }
    }

    /** What PostgreSQL makes of each value in a session in UTC, ISO and postgres style. */
    private static List<Map<String, String>> texts(TestingSource source) throws SQLException {
        source.execute(
                "SET datestyle TO 'ISO'",
                "SET intervalstyle TO 'postgres'",
                "SET bytea_output TO 'hex'",
                "SET timezone TO 'UTC'",
                "SET extra_float_digits TO 3");
        List<List<String>> columns = source.query(
                "SELECT attname, atttypid IN (16, '$.yes'::regtype) FROM pg_attribute WHERE attrelid = '$.types'::regclass"
                        + " AND attnum > 0 ORDER BY attnum");
        // format gives what a type's output function writes; a cast trims char(n) and adds to inet and xml
        String list = columns.stream()
                .map(column -> column.get(1).equals("t")
                        ? column.get(0) + "::text"
                        : "CASE WHEN " + column.get(0) + " IS NOT NULL THEN format('%s', " + column.get(0) + ") END")
                .collect(Collectors.joining(", "));
        List<Map<String, String>> rows = new ArrayList<>();
        for (List<String> values : source.query("SELECT " + list + " FROM $.types ORDER BY id")) {
            Map<String, String> row = new LinkedHashMap<>();
            for (int at = 0; at < values.size(); at++) {
                row.put(columns.get(at).get(0), values.get(at));
            }
            rows.add(row);
        }
        return rows;
    }

    private static String[] statements(String verb) throws IOException {
        String sql = Files.readString(Home.folder().resolve("lake/src/test/resources/types.sql"));
        return Arrays.stream(sql.replaceAll("(?m)^--.*$", "").split(";\\n"))
                .map(String::strip)
                .filter(statement -> statement.startsWith(verb))
                .toArray(String[]::new);
    }
}
