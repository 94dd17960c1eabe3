package headwater.lake.table;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.TestingSpark;
import headwater.lake.process.Failure;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Edits as Spark's own reader of Delta sees them, in the table and in its change feed; with files of the driver and of Spark. */
class EditedFilesTest {
    private static final String APP = "test";

    @TempDir
    private Path folder;

    private final SparkSession spark = TestingSpark.any();

    private String path;

    @BeforeEach
    void aFolder() {
        path = folder.resolve("table").toUri().toString();
    }

    /** Partitions by a moment, and arrays, go by Spark. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            string    | São Tomé/%20=a:b | it's "#?   | string        | true
            int       | -1               | 0          | string        | true
            date      | 2024-02-29       | 0999-12-31 | string        | true
            boolean   | true             | false      | string        | true
            timestamp | 2024-02-29 12:00 | 1999-12-31 | string        | false
            string    | São Tomé/%20=a:b | b          | array<string> | false
            """)
    void rowsOfPartitionsAreChangedAndTheOthersStay(
            String type, String first, String second, String note, boolean byDriver) {
        table(type, note, List.of("part"), List.of(row(first, 1), row(first, 2), row(second, 3), row(null, 4)));
        TableLog log = TableLog.at(spark, path);
        Object place = table().where("id = 1").first().get(0);

        RowEdits part = RowEdits.within(spark, log, List.of("part", "id"), bounds(place))
                .orElseThrow();
        assertThat(part.rows()).extracting(found -> found.row().get(1)).containsExactlyInAnyOrder(1, 2);
        Object text = note.equals("string") ? "new" : new String[] {"new"};
        part.commit(
                List.of(
                        RowEdit.update(found(part.rows(), 1), RowFactory.create(place, 1, text)),
                        RowEdit.insert(RowFactory.create(place, 7, text)),
                        RowEdit.insert(RowFactory.create(null, 8, text))),
                APP,
                20);

        assertThat(texts(table(), "id", "note"))
                .containsExactlyInAnyOrder("1 new", "2 old", "3 old", "4 old", "7 new", "8 new");
        Column whole = lit(first).cast(type);
        assertThat(texts(table().where(col("part").equalTo(whole)), "id")).containsExactlyInAnyOrder("1", "2", "7");
        assertThat(texts(table().where("part IS NULL"), "id")).containsExactlyInAnyOrder("4", "8");
        Dataset<Row> feed = feed(log.version());
        assertThat(texts(feed.where(col("part").eqNullSafe(whole)), "id", "note", "_change_type"))
                .containsExactlyInAnyOrder("1 old update_preimage", "1 new update_postimage", "7 new insert");
        assertThat(texts(feed.where("part IS NULL"), "id", "_change_type")).containsExactly("8 insert");
        assertThat(log.position(APP)).hasValue(20);
        assertThat(log.commit(log.version()).orElseThrow().adds())
                .filteredOn(file -> file.deletionVector() == null)
                .hasSize(2)
                .allMatch(file -> file.path().contains("/") != byDriver);
    }

    @Test
    void replacedRowsAreHiddenAndTheirImagesAreInTheFeed() {
        table("string", "string", List.of(), List.of(row("a", 1), row("a", 2), row("b", 3)));
        TableLog log = TableLog.at(spark, path);

        RowEdits rows = RowEdits.ofKeys(spark, log, List.of("id"), List.of(of("x", 1), of("x", 3), of("x", 9)));
        Map<Row, LocatedRow> found = rows.byKey();
        assertThat(found).hasSize(2);
        rows.commit(
                List.of(
                        RowEdit.update(found.get(RowFactory.create(1)), of("c", 1)),
                        RowEdit.delete(found.get(RowFactory.create(3))),
                        RowEdit.insert(of("d", 9))),
                APP,
                20);

        assertThat(texts(table(), "part", "id", "note")).containsExactlyInAnyOrder("c 1 new", "a 2 old", "d 9 new");
        assertThat(texts(feed(log.version()), "part", "id", "_change_type"))
                .containsExactlyInAnyOrder("a 1 update_preimage", "c 1 update_postimage", "b 3 delete", "d 9 insert");
        // the bounds of the new file do not keep Spark from its rows
        assertThat(texts(table().where("id = 9"), "part")).containsExactly("d");
    }

    /** The days that java.sql.Date does not have stay what they are. */
    @Test
    void manySmallFilesBecomeOneWithTheCommitThatTakesThemIn() {
        List<Row> rows = new ArrayList<>();
        for (int id = 1; id <= 12; id++) {
            rows.add(row(id % 2 == 0 ? "1582-10-10" : "0001-01-01", id));
        }
        table("date", "string", List.of(), rows, 12);
        TableLog log = TableLog.at(spark, path);
        assertThat(log.files().actions()).hasSize(12);

        LocalDate day = LocalDate.of(1582, 10, 10);
        List<Row> changed = List.of(RowFactory.create(day, 1, "by 1"), RowFactory.create(day, 20, "by 1"));
        RowEdits found = RowEdits.ofKeys(spark, log, List.of("id"), changed);
        found.commit(
                List.of(
                        RowEdit.update(found.byKey().get(RowFactory.create(1)), changed.get(0)),
                        RowEdit.insert(changed.get(1))),
                APP,
                20);

        assertThat(log.files().actions()).hasSize(1);
        List<String> expected = new ArrayList<>(List.of("1582-10-10 1 by 1", "1582-10-10 20 by 1"));
        for (int id = 2; id <= 12; id++) {
            expected.add((id % 2 == 0 ? "1582-10-10 " : "0001-01-01 ") + id + " old");
        }
        assertThat(texts(table(), "part", "id", "note")).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(texts(feed(log.version()), "id", "_change_type"))
                .containsExactlyInAnyOrder("1 update_preimage", "1 update_postimage", "20 insert");
    }

    @Test
    void whatAnotherWriterChangedMeanwhileIsNotOverwritten() {
        table("string", "string", List.of(), List.of(row("a", 1)));
        TableLog log = TableLog.at(spark, path);
        RowEdits rows = RowEdits.ofKeys(spark, log, List.of("id"), List.of(of("x", 1)));
        LocatedRow found = rows.byKey().get(RowFactory.create(1));
        spark.sql("UPDATE delta.`" + path + "` SET note = 'theirs'");

        assertThatThrownBy(() -> rows.commit(List.of(RowEdit.update(found, of("a", 1))), APP, 20))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("another writer committed version 2");
        assertThat(texts(table(), "note")).containsExactly("theirs");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE %s SET note = 'theirs' WHERE id = 2",
                "DELETE FROM %s WHERE id = 2",
                "OPTIMIZE %s",
                "INSERT INTO %s VALUES ('c', 3, 'theirs')"
            })
    void nothingIsCommittedWhereAnotherWriterChangedOrMovedAnyRowSinceTheLook(String statement) {
        table("string", "string", List.of(), List.of(row("a", 1), row("a", 2)), 2);
        TableLog log = TableLog.at(spark, path);
        log.look();
        RowEdits rows = RowEdits.ofKeys(spark, log, List.of("id"), List.of(of("x", 1)));
        spark.sql(statement.formatted("delta.`" + path + "`"));
        List<String> theirs = texts(table(), "id", "note");

        assertThatThrownBy(() -> rows.commit(
                        List.of(RowEdit.update(rows.byKey().get(RowFactory.create(1)), of("b", 1))), APP, 20))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("another writer changed the same rows or files meanwhile");
        assertThat(texts(table(), "id", "note")).containsExactlyInAnyOrderElementsOf(theirs);

        log.look();
        RowEdits again = RowEdits.ofKeys(spark, log, List.of("id"), List.of(of("x", 1)));
        again.commit(List.of(RowEdit.update(again.byKey().get(RowFactory.create(1)), of("b", 1))), APP, 20);
        assertThat(texts(table().where("id = 1"), "part", "note")).containsExactly("b new");
        assertThat(log.position(APP)).hasValue(20);
    }

    private void table(String type, String note, List<String> partitions, List<Row> rows) {
        table(type, note, partitions, rows, 1);
    }

    /** @param files at most so many, of as many keys each */
    private void table(String type, String note, List<String> partitions, List<Row> rows, int files) {
        Dataset<Row> typed = spark.createDataFrame(
                        rows, new StructType().add("part", "string").add("id", "int"))
                .select(
                        col("part").cast(type).as("part"),
                        col("id"),
                        (note.equals("string") ? lit("old") : lit(new String[] {"old"})).as("note"));
        typed.repartitionByRange(files, col("id"))
                .write()
                .format("delta")
                .partitionBy(partitions.toArray(String[]::new))
                .option("delta.enableChangeDataFeed", "true")
                .option("delta.enableDeletionVectors", "true")
                .save(path);
        TableLog.at(spark, path).commits().advance(APP, 10);
    }

    private Dataset<Row> table() {
        return spark.read().format("delta").load(path);
    }

    private Dataset<Row> feed(long version) {
        return spark.read()
                .format("delta")
                .option("readChangeFeed", "true")
                .option("startingVersion", version)
                .load(path);
    }

    private static List<String> texts(Dataset<Row> rows, String... columns) {
        return rows.selectExpr("concat_ws(' ', " + String.join(", ", columns) + ")")
                .as(Encoders.STRING())
                .collectAsList();
    }

    private static LocatedRow found(List<LocatedRow> rows, int id) {
        return rows.stream()
                .filter(found -> found.row().getInt(1) == id)
                .findAny()
                .orElseThrow();
    }

    private static Row row(String part, int id) {
        return RowFactory.create(part, id);
    }

    private static Row of(String part, int id) {
        return RowFactory.create(part, id, "new");
    }

    private static RowEdits.Bounds bounds(Object place) {
        return new RowEdits.Bounds() {
            @Override
            public boolean mayHold(Map<String, Object> partition) {
                return place.equals(partition.get("part"));
            }

            @Override
            public boolean holds(Row row) {
                return place.equals(row.get(0));
            }

            @Override
            public Dataset<Row> of(Dataset<Row> rows) {
                return rows.where(col("part").equalTo(lit(place)));
            }
        };
    }
}
