package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a change of PostgreSQL becomes in raw/changes. */
class CaptureIT {
    @TempDir
    private Path folder;

    @Test
    void aTransactionOverTwoTablesKeepsItsOrder() throws Exception {
        try (TestingSource source = new TestingSource(
                        List.of("a", "b"),
                        "CREATE TABLE $.a (id int PRIMARY KEY, v text)",
                        "CREATE TABLE $.b (LIKE $.a INCLUDING ALL)");
                RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            source.transaction(
                    "INSERT INTO $.a VALUES (1, 'x')",
                    "INSERT INTO $.b VALUES (1, 'y')",
                    "UPDATE $.a SET v = 'z'",
                    "DELETE FROM $.b");

            List<Map<String, Object>> rows = capture.awaitAll(source);

            assertThat(rows)
                    .extracting(row -> row.get("op") + " " + row.get("source_table"))
                    .containsExactly("c a", "c b", "u a", "d b");
            assertThat(rows).extracting("tx_order").containsExactly(1L, 2L, 3L, 4L);
            assertThat(rows).extracting("commit_lsn").containsOnly(rows.get(0).get("commit_lsn"));
            System.out.println(rows);
            System.out.println(capture.reader().schemas());
        }
    }
}
