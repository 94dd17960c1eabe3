package headwater.lake.table;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.TestingSpark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.AddFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;

class TableFilesTest {
    private static final String APP = "test";

    @TempDir
    private Path folder;

    private final SparkSession spark = TestingSpark.any();

    /**
     * Delta derives a checksum file from the one before and never reads its list of files; a merge does, once a table is too
     * old to be replayed. The state of the log, which a Spark job puts together, has to say the same after every kind of commit.
     */
    @Tag("nightly")
    @Test
    void theFilesOfTheChecksumAreThoseOfTheState() {
        String path = folder.resolve("table").toUri().toString();
        spark.sql("CREATE TABLE delta.`" + path + "` (id INT, note STRING) USING delta TBLPROPERTIES ("
                + "delta.enableChangeDataFeed = true, delta.enableDeletionVectors = true)");
        TableLog.at(spark, path).commits().advance(APP, 0);
        Random random = new Random(7);
        List<Integer> byChecksum = new ArrayList<>();

        for (int step = 1; step <= 40; step++) {
            change(path, step, random);
            Snapshot snapshot = DeltaLog.forTable(spark, path).update(false, Option.empty(), Option.empty());
            if (snapshot.checksumOpt().isDefined()
                    && snapshot.checksumOpt().get().allFiles().isDefined()) {
                byChecksum.add(step);
            }
            List<AddFile> state = List.of((AddFile[]) snapshot.allFiles().collect());
            assertThat(texts(TableLog.at(spark, path).files().actions()))
                    .as("step %s", step)
                    .containsExactlyInAnyOrderElementsOf(texts(state));
        }
        assertThat(byChecksum).hasSizeGreaterThan(30);
    }

    private void change(String path, int step, Random random) {
        String table = "delta.`" + path + "`";
        switch (random.nextInt(6)) {
            case 0 -> spark.sql("OPTIMIZE " + table);
            case 1 -> spark.sql("DELETE FROM " + table + " WHERE id % 5 = " + random.nextInt(5));
            case 2 ->
                spark.sql("MERGE INTO " + table + " t USING (SELECT id, 'merged' note FROM range(0, 12)) s"
                        + " ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *");
            case 3 -> spark.sql("REORG TABLE " + table + " APPLY (PURGE)");
            default -> edit(path, step, random);
        }
    }

    private void edit(String path, int step, Random random) {
        TableLog log = TableLog.at(spark, path);
        List<Row> wanted = random.ints(4, 0, 30)
                .distinct()
                .mapToObj(id -> RowFactory.create(id, "edited " + step))
                .toList();
        RowEdits rows = RowEdits.ofKeys(spark, log, List.of("id"), wanted);
        Map<Row, LocatedRow> found = rows.byKey();
        List<RowEdit> edits = new ArrayList<>();
        for (Row row : wanted) {
            LocatedRow there = found.get(RowFactory.create(row.getInt(0)));
            edits.add(there == null ? RowEdit.insert(row) : RowEdit.update(there, row));
        }
        rows.commit(edits, APP, step);
    }

    private static List<String> texts(List<AddFile> files) {
        return files.stream()
                .map(file -> Arrays.asList(
                                file.path(),
                                file.size(),
                                file.partitionValues(),
                                file.deletionVector() == null
                                        ? "none"
                                        : file.deletionVector().uniqueId() + " "
                                                + file.deletionVector().cardinality())
                        .toString())
                .toList();
    }
}
