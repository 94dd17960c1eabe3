package headwater.lake.table;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.TestingSpark;
import headwater.lake.contract.Lsn;
import headwater.lake.process.Failure;
import io.delta.tables.DeltaTable;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.OptimisticTransaction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A writer that another one overtakes at any point changes nothing and says so. */
class FencedWriteTest {
    private static final String APP = "test";

    @TempDir
    private Path folder;

    /** Of its own: the fence is a setting of the session. */
    private final SparkSession spark = TestingSpark.any().newSession();

    private String path;
    private TableLog log;

    @BeforeEach
    void aTableAtTen() {
        path = folder.resolve("table").toUri().toString();
        spark.range(2)
                .select(col("id"), lit("old").as("note"))
                .write()
                .format("delta")
                .save(path);
        log = TableLog.at(spark, path);
        log.commits().advance(APP, 10);
    }

    @Test
    void aMergeThatIsOvertakenBeforeItTakesItsSnapshotIsRefused() {
        assertThatThrownBy(() -> FencedWrite.run(spark, log, APP, 10, 20, () -> {
                    log.commits().advance(APP, 10, 15);
                    merge();
                }))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("it was at 0/A when the pass began, and another writer moved it to 0/F");
        assertThat(notes()).containsOnly("old");

        FencedWrite.run(spark, log, APP, 15, 20, this::merge);

        assertThat(notes()).containsExactlyInAnyOrder("old", "new");
        assertThat(log.position(APP)).hasValue(20);
    }

    @Test
    void aMergeWorksOnTheVersionThatWasLookedAtOrNotAtAll() {
        log.look();
        spark.sql("UPDATE delta.`" + path + "` SET note = 'theirs'");

        assertThatThrownBy(() -> FencedWrite.run(spark, log, APP, 10, 20, this::merge))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("at version 1: another writer committed version 2");
        assertThat(notes()).containsOnly("old");

        log.look();
        FencedWrite.run(spark, log, APP, 10, 20, this::merge);

        assertThat(notes()).containsExactlyInAnyOrder("theirs", "new");
        assertThat(log.position(APP)).hasValue(20);
    }

    /** A service runs for longer than Delta keeps what it knows of a path. */
    @Test
    void aMergeIsSeenAlsoWhereDeltaLookedAtTheTableAnew() {
        log.look();
        DeltaLog.clearCache();

        FencedWrite.run(spark, log, APP, 10, 20, this::merge);

        assertThat(notes()).containsExactlyInAnyOrder("old", "new");
        assertThat(log.position(APP)).hasValue(20);
    }

    @ParameterizedTest
    @ValueSource(longs = {15, 20, 30})
    void aCommitThatIsOvertakenAfterItBeganFailsWhereverTheOtherWriterIs(long other) {
        OptimisticTransaction late = log.commits().begin(APP);
        log.commits().advance(APP, 10, other);

        assertThatThrownBy(() -> log.commits().commit(late, List.of(), APP, 20))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("another writer moved it to " + new Lsn(other));
    }

    private void merge() {
        DeltaTable.forPath(spark, path)
                .as("t")
                .merge(spark.range(1).select(col("id"), lit("new").as("note")).as("s"), "s.id = t.id")
                .whenMatched()
                .updateAll()
                .execute();
    }

    private List<String> notes() {
        return log.files().rows(spark).select("note").as(Encoders.STRING()).collectAsList();
    }
}
