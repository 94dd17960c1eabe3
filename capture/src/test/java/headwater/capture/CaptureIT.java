package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import headwater.lake.contract.LogicalMessage;
import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a change of PostgreSQL becomes in raw/changes. */
class CaptureIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TABLE = "CREATE TABLE $.a (id int PRIMARY KEY, v text)";

    @TempDir
    private Path folder;

    @Test
    void aTransactionOverTwoTablesKeepsItsOrderAndItsCommitLsn() throws Exception {
        try (TestingSource source =
                        new TestingSource(List.of("a", "b"), TABLE, "CREATE TABLE $.b (LIKE $.a INCLUDING ALL)");
                RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            capture.awaitAll(source);
            Lsn before = Lsn.parse(source.value("SELECT pg_current_wal_insert_lsn()"));
            source.transaction(
                    "INSERT INTO $.a VALUES (1, 'x')",
                    "INSERT INTO $.b VALUES (1, 'y')",
                    "UPDATE $.a SET v = 'z'",
                    "DELETE FROM $.b");
            Lsn after = Lsn.parse(source.value("SELECT pg_current_wal_insert_lsn()"));

            List<Map<String, Object>> rows = capture.awaitAll(source);

            assertThat(rows)
                    .extracting(row -> row.get("op") + " " + row.get("source_table"))
                    .containsExactly("c a", "c b", "u a", "d b");
            assertThat(rows).extracting("tx_order").containsExactly(1L, 2L, 3L, 4L);
            assertThat(rows).extracting("commit_lsn").containsOnly(rows.get(0).get("commit_lsn"));
            assertThat((Long) rows.get(0).get("commit_lsn"))
                    .isGreaterThan(before.value())
                    .isLessThanOrEqualTo(after.value());
            assertThat(rows.get(0).get("captured_day"))
                    .isEqualTo((int) LocalDate.now(ZoneOffset.UTC).toEpochDay());
            assertThat(capture.reader().schemas())
                    .extracting("schema_id")
                    .containsExactlyInAnyOrder(
                            rows.get(0).get("schema_id"), rows.get(1).get("schema_id"));
        }
    }

    @Test
    void aKeyUpdateIsADeleteAndACreateThatNamesTheOldKey() throws Exception {
        try (TestingSource source = new TestingSource(List.of("a"), TABLE);
                RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            source.execute("INSERT INTO $.a VALUES (1, 'x')", "UPDATE $.a SET id = 2");

            List<Map<String, Object>> rows = capture.awaitAll(source);

            assertThat(rows).extracting("op").containsExactly("c", "d", "c");
            assertThat(rows).extracting(row -> json(row.get("key")).get("id")).containsExactly("1", "1", "2");
            assertThat(rows.get(1).get("before")).isNull();
            assertThat(rows.get(2))
                    .containsEntry("old_key", "{\"id\":\"1\"}")
                    .containsEntry("after", "{\"id\":\"2\",\"v\":\"x\"}");
        }
    }

    @Test
    void beforeIsTheWholeRowUnderFullIdentityAndNullElse() throws Exception {
        try (TestingSource source = new TestingSource(
                        List.of("a", "b"),
                        "CREATE TABLE $.a (id int PRIMARY KEY, v text, n int NOT NULL DEFAULT 5)",
                        "CREATE TABLE $.b (LIKE $.a INCLUDING ALL)",
                        "ALTER TABLE $.b REPLICA IDENTITY FULL");
                RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            source.execute(
                    "INSERT INTO $.a VALUES (1, 'x', 1)",
                    "INSERT INTO $.b VALUES (1, 'x', 1)",
                    "UPDATE $.b SET n = 2",
                    "DELETE FROM $.a",
                    "DELETE FROM $.b");

            List<Map<String, Object>> rows = capture.awaitAll(source);

            assertThat(rows)
                    .extracting("before")
                    .containsExactly(
                            null,
                            null,
                            "{\"id\":\"1\",\"v\":\"x\",\"n\":\"1\"}",
                            null,
                            "{\"id\":\"1\",\"v\":\"x\",\"n\":\"2\"}");
        }
    }

    @Test
    void anUnchangedToastValueIsNamedAndNeverWritten() throws Exception {
        try (TestingSource source = new TestingSource(
                        List.of("a"),
                        "CREATE TABLE $.a (id int PRIMARY KEY, v text, big text, doc jsonb, bytes bytea)",
                        "ALTER TABLE $.a ALTER big SET STORAGE EXTERNAL, ALTER doc SET STORAGE EXTERNAL, ALTER bytes SET STORAGE EXTERNAL");
                RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            source.execute(
                    "INSERT INTO $.a VALUES (1, 'x', repeat('b', 5000), to_jsonb(repeat('j', 5000)), repeat('y', 5000)::bytea)",
                    "UPDATE $.a SET v = '__debezium_unavailable_value'",
                    "UPDATE $.a SET id = 2");

            List<Map<String, Object>> rows = capture.awaitAll(source);

            assertThat(json(rows.get(0).get("after")).get("big")).hasSize(5000);
            assertThat(rows).extracting("op").containsExactly("c", "u", "d", "c");
            assertThat(rows)
                    .extracting("unchanged")
                    .containsExactly(null, "[\"big\",\"doc\",\"bytes\"]", null, "[\"big\",\"doc\",\"bytes\"]");
            assertThat(rows.get(1)).containsEntry("after", "{\"id\":\"1\",\"v\":\"__debezium_unavailable_value\"}");
            assertThat(rows.get(3))
                    .containsEntry("after", "{\"id\":\"2\",\"v\":\"__debezium_unavailable_value\"}")
                    .containsEntry("old_key", "{\"id\":\"1\"}");
        }
    }

    @Test
    void truncateIsARowPerTableAndAFenceIsAMessage() throws Exception {
        try (TestingSource source =
                        new TestingSource(List.of("a", "b"), TABLE, "CREATE TABLE $.b (LIKE $.a INCLUDING ALL)");
                RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            source.execute(
                    "INSERT INTO $.a VALUES (1, 'x')",
                    "TRUNCATE $.a, $.b",
                    "SELECT pg_logical_emit_message(false, '" + LogicalMessage.FENCE + "', 'outside any transaction')",
                    "SELECT pg_logical_emit_message(true, '" + LogicalMessage.HEARTBEAT + "', 'x')",
                    "SELECT pg_logical_emit_message(true, '" + LogicalMessage.FENCE + "', 'f 1')");

            List<Map<String, Object>> rows = capture.awaitAll(source);

            assertThat(rows)
                    .extracting(row -> row.get("op") + " " + row.get("source_table") + " " + row.get("key") + " "
                            + row.get("tx_order"))
                    .containsExactly("c a {\"id\":\"1\"} 1", "t a null 1", "t b null 2", "m null null 1");
            assertThat(rows.get(3)).containsEntry("message", "{\"prefix\":\"headwater.fence\",\"content\":\"f 1\"}");
        }
    }

    @Test
    void aMaskedColumnThatIsRenamedStopsCaptureBeforeItsValueGoesOut() throws Exception {
        try (TestingSource source = new TestingSource(
                List.of("a"),
                "CREATE TABLE $.a (id int PRIMARY KEY, v text)",
                "ALTER TABLE $.a REPLICA IDENTITY FULL")) {
            RunningCapture capture = new RunningCapture(masked(source, "v"));
            source.execute("INSERT INTO $.a VALUES (1, 'secret')", "UPDATE $.a SET id = 2, v = NULL");

            List<Map<String, Object>> rows = capture.awaitAll(source);
            source.execute("ALTER TABLE $.a RENAME v TO w", "INSERT INTO $.a VALUES (3, 'secret')");

            assertThat(rows.get(0)).containsEntry("after", "{\"id\":\"1\",\"v\":\"redacted\"}");
            assertThat(rows.get(1)).containsEntry("before", "{\"id\":\"1\",\"v\":\"redacted\"}");
            assertThat(rows.get(2)).containsEntry("after", "{\"id\":\"2\",\"v\":null}");
            assertThatThrownBy(capture::join)
                    .hasMessageContaining(
                            "tables.a.mask of the pipeline file names v, a column that the table does not have");
            assertThat(capture.reader().changes())
                    .isNotEmpty()
                    .noneMatch(row -> row.toString().contains("secret"));
        }
    }

    @Test
    void aMaskedPrimaryKeyIsRefused() throws Exception {
        try (TestingSource source = new TestingSource(List.of("a"), "CREATE TABLE $.a (id int, v int PRIMARY KEY)")) {
            RunningCapture capture = new RunningCapture(masked(source, "v"));
            source.execute("INSERT INTO $.a VALUES (1, 1)");

            assertThatThrownBy(capture::join)
                    .hasMessageContaining("tables.a.mask of the pipeline file names v, which is in the primary key");
        }
    }

    private Pipeline masked(TestingSource source, String column) {
        String yaml = source.yaml("root: \"file:" + folder.toAbsolutePath() + "\"", 1 << 20)
                .replace("columns: {id: id}", "columns: {id: id}, mask: {" + column + ": redact}");
        return PipelineFile.parse("test", yaml, variable -> source.password());
    }

    @Test
    void anIdentityIndexIsTheKey() throws Exception {
        try (TestingSource source = new TestingSource(
                        List.of("a"),
                        "CREATE TABLE $.a (id int PRIMARY KEY, x int NOT NULL, y int NOT NULL, v text)",
                        "CREATE UNIQUE INDEX a_xy ON $.a (y, x)",
                        "ALTER TABLE $.a REPLICA IDENTITY USING INDEX a_xy");
                RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            source.execute("INSERT INTO $.a VALUES (1, 2, 3, 'v')", "UPDATE $.a SET v = 'w'", "DELETE FROM $.a");

            List<Map<String, Object>> rows = capture.awaitAll(source);

            assertThat(rows).extracting(row -> json(row.get("key"))).containsOnly(Map.of("x", "2", "y", "3"));
        }
    }

    @Test
    void aKeyColumnThatWasRenamedAfterAChangeIsItsKeyStill() throws Exception {
        try (TestingSource source = new TestingSource(List.of("a"), TABLE)) {
            try (RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
                source.execute("INSERT INTO $.a VALUES (1, 'x')");
                capture.awaitAll(source);
            }
            source.execute(
                    "INSERT INTO $.a VALUES (2, 'y')",
                    "DELETE FROM $.a WHERE id = 1",
                    "UPDATE $.a SET id = 3 WHERE id = 2",
                    "ALTER TABLE $.a RENAME id TO number",
                    "INSERT INTO $.a VALUES (4, 'z')");
            try (RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
                List<Map<String, Object>> rows = capture.awaitAll(source);

                assertThat(rows)
                        .extracting(row -> row.get("op") + " " + row.get("key") + " " + row.get("old_key"))
                        .containsExactly(
                                "c {\"id\":\"1\"} null",
                                "c {\"id\":\"2\"} null",
                                "d {\"id\":\"1\"} null",
                                "d {\"id\":\"2\"} null",
                                "c {\"id\":\"3\"} {\"id\":\"2\"}",
                                "c {\"number\":\"4\"} null");
                assertThat(rows).extracting("before").containsOnlyNulls();
            }
        }
    }

    @Test
    void aColumnOfAnIdentityIndexMayBeRenamedWhileCaptureRuns() throws Exception {
        try (TestingSource source = new TestingSource(
                        List.of("a"),
                        "CREATE TABLE $.a (id int PRIMARY KEY, x int NOT NULL, y int NOT NULL)",
                        "CREATE UNIQUE INDEX a_xy ON $.a (y, x)",
                        "ALTER TABLE $.a REPLICA IDENTITY USING INDEX a_xy");
                RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            source.execute("INSERT INTO $.a VALUES (1, 2, 3)");
            capture.awaitAll(source);
            source.execute("DELETE FROM $.a", "ALTER TABLE $.a RENAME x TO z", "INSERT INTO $.a VALUES (4, 5, 6)");

            List<Map<String, Object>> rows = capture.awaitAll(source);

            assertThat(rows)
                    .extracting(row -> json(row.get("key")))
                    .containsExactly(
                            Map.of("x", "2", "y", "3"), Map.of("x", "2", "y", "3"), Map.of("z", "5", "y", "6"));
        }
    }

    @Test
    void anAddedColumnIsANewSchemaAndNothingStops() throws Exception {
        try (TestingSource source = new TestingSource(List.of("a"), TABLE);
                RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            source.execute(
                    "INSERT INTO $.a VALUES (1, 'x')",
                    "ALTER TABLE $.a ADD n numeric(5,2) NOT NULL DEFAULT 1",
                    "INSERT INTO $.a VALUES (2, 'y', 2.5)");

            List<Map<String, Object>> rows = capture.awaitAll(source);

            assertThat(json(rows.get(1).get("after"))).containsEntry("n", "2.50");
            assertThat(capture.reader().schemas())
                    .extracting("schema_id")
                    .containsExactlyInAnyOrder(
                            rows.get(0).get("schema_id"), rows.get(1).get("schema_id"));
            assertThat(capture.reader().schemas())
                    .filteredOn(row -> row.get("schema_id").equals(rows.get(1).get("schema_id")))
                    .singleElement()
                    .satisfies(row -> assertThat(String.valueOf(row.get("catalog")))
                            .contains("\"tableOid\": " + source.value("SELECT '$.a'::regclass::oid"))
                            .contains("\"replicaIdentity\": \"d\"", "\"attnum\": 3", "\"typeOid\": 1700"));
        }
    }

    @Test
    void aTransactionBiggerThanTheHeapLimitIsOneCommit() throws Exception {
        try (TestingSource source = new TestingSource(List.of("a"), TABLE);
                RunningCapture capture = new RunningCapture(source.pipeline(folder, 1 << 16))) {
            source.execute(
                    "INSERT INTO $.a VALUES (0, 'before')",
                    "INSERT INTO $.a SELECT i, repeat(md5(i::text), 4) FROM generate_series(1, 20000) i",
                    "INSERT INTO $.a VALUES (20001, 'after')");

            List<Map<String, Object>> rows = capture.awaitAll(source);

            assertThat(rows)
                    .extracting(row -> json(row.get("after")).values().stream().toList())
                    .containsExactlyElementsOf(source.query("SELECT id, v FROM $.a ORDER BY id"));
            assertThat(rows.subList(1, 20001))
                    .extracting("commit_lsn")
                    .containsOnly(rows.get(1).get("commit_lsn"));
        }
    }

    private static Map<String, String> json(Object text) {
        try {
            return JSON.readValue((String) text, new TypeReference<LinkedHashMap<String, String>>() {});
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
