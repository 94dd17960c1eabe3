package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.contract.SourceTable;
import headwater.lake.process.Failure;
import headwater.lake.watch.DueLoad;
import headwater.lake.watch.SourceWatch;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What PostgreSQL does to tables without an event in the stream. */
class SourceWatchIT {
    @TempDir
    private Path folder;

    private TestingSource source;
    private Connection connection;

    @BeforeEach
    void someTables() throws SQLException {
        source = new TestingSource(
                List.of("a", "b", "p"),
                "CREATE TABLE $.a (id int PRIMARY KEY, v text, n int)",
                "INSERT INTO $.a SELECT g, 'v' || g, g FROM generate_series(1, 5) g",
                "CREATE TABLE $.b (id int PRIMARY KEY, v text)",
                "CREATE TABLE $.p (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)",
                "CREATE TABLE $.p1 PARTITION OF $.p FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE $.p2 PARTITION OF $.p FOR VALUES FROM (10) TO (20)",
                "INSERT INTO $.p SELECT g, 'v' FROM generate_series(5, 15) g");
        connection = source.pipeline(folder).source().open();
        assertThat(look()).isEmpty();
    }

    @AfterEach
    void closeAll() throws SQLException {
        connection.close();
        source.close();
    }

    @Test
    void whatIsAnEventOrChangesNoRowIsPassedOver() throws SQLException {
        source.execute(
                "UPDATE $.a SET v = 'x'",
                "TRUNCATE $.b",
                "TRUNCATE $.p",
                "VACUUM FULL $.a",
                "ANALYZE $.p1",
                "ALTER TABLE $.a ADD COLUMN later int DEFAULT 7",
                "ALTER TABLE $.a ADD COLUMN random float DEFAULT random()",
                "ALTER TABLE $.a DROP COLUMN later",
                "CREATE INDEX ON $.a (n)",
                "CREATE TABLE $.p3 PARTITION OF $.p FOR VALUES FROM (20) TO (30)",
                "INSERT INTO $.p VALUES (25, 'new')",
                "CREATE TABLE $.p4 (LIKE $.p INCLUDING ALL)",
                "ALTER TABLE $.p ATTACH PARTITION $.p4 FOR VALUES FROM (30) TO (40)",
                "VACUUM FULL $.p3");

        assertThat(look()).isEmpty();
        source.execute("INSERT INTO $.p VALUES (35, 'into the attached one')");
        assertThat(look()).isEmpty();
    }

    @Test
    void aTableMadeAnewOrSwappedIsAnotherOne() throws SQLException {
        source.execute(
                "CREATE TABLE $.b_new (id int PRIMARY KEY, v text)",
                "ALTER TABLE $.b RENAME TO b_old",
                "ALTER TABLE $.b_new RENAME TO b",
                "DROP TABLE $.a");
        assertThat(look())
                .containsExactlyInAnyOrder(
                        sentence("a", "does not exist any more", true),
                        sentence("b", "is not in the publication", true));

        source.execute("CREATE TABLE $.a (id int PRIMARY KEY, v text)", "ALTER PUBLICATION $ SET TABLE $.a, $.b, $.p");
        assertThat(look())
                .containsExactlyInAnyOrder(
                        sentence("a", "did not exist for a time", false),
                        sentence("b", "was not in the publication for a time", false));
        assertThat(look()).isEmpty();
    }

    @Test
    void aTableThatIsSwappedBetweenTwoLooksIsNoticed() throws SQLException {
        source.execute("DROP TABLE $.b", "CREATE TABLE $.b (id int PRIMARY KEY)", "ALTER PUBLICATION $ ADD TABLE $.b");

        assertThat(look())
                .containsExactly(sentence(
                        "b",
                        "is another one than before: it was dropped and made anew, or swapped by its name",
                        false));
    }

    @Test
    void aTableThatLeftThePublicationAndCameBackMustBeLoaded() throws SQLException {
        source.execute("ALTER PUBLICATION $ DROP TABLE $.a", "ALTER PUBLICATION $ ADD TABLE $.a");

        assertThat(look()).containsExactly(sentence("a", "had left the publication, or was put into it anew", false));
    }

    @Test
    void aPublicationThatLeavesOperationsOutConcernsAllTables() throws SQLException {
        source.execute("ALTER PUBLICATION $ SET (publish = 'insert')");
        assertThat(look()).hasSize(3).allMatch(text -> text.contains("is in a publication that leaves operations out"));

        source.execute("ALTER PUBLICATION $ SET (publish = 'insert, update, delete, truncate')");
        assertThat(look())
                .hasSize(3)
                .allMatch(text -> text.contains("was in a publication that leaves operations out"));

        source.execute("ALTER PUBLICATION $ SET (publish = 'insert')");
        try (RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            assertThatThrownBy(capture::join)
                    .hasRootCauseInstanceOf(Failure.class)
                    .hasMessageContaining("does not publish every operation");
        } catch (RuntimeException ended) {
            // closed after it had ended by itself
        }
    }

    @Test
    void partitionsThatAreEmptiedGoneOrAttachedWithRows() throws SQLException {
        source.execute("TRUNCATE $.p1");
        assertThat(look()).containsExactly(sentence("p", "has a partition that was emptied by TRUNCATE", false));

        source.execute("ALTER TABLE $.p DETACH PARTITION $.p2");
        assertThat(look()).containsExactly(sentence("p", "lost a partition by DROP or DETACH", false));

        source.execute(
                "UPDATE $.p2 SET v = 'away'", "ALTER TABLE $.p ATTACH PARTITION $.p2 FOR VALUES FROM (10) TO (20)");
        assertThat(look()).containsExactly(sentence("p", "got a partition with rows by ATTACH", false));

        source.execute("DROP TABLE $.p1");
        assertThat(look()).containsExactly(sentence("p", "lost a partition by DROP or DETACH", false));
    }

    @Test
    void rowsThatAlterTableRewritesAreNoticed() throws SQLException {
        source.execute("ALTER TABLE $.a ALTER COLUMN v TYPE text USING upper(v)");
        // nothing is rewritten for these
        source.execute("ALTER TABLE $.b ALTER COLUMN v TYPE varchar", "ALTER TABLE $.b ALTER COLUMN v SET NOT NULL");
        source.execute("ALTER TABLE $.p ALTER COLUMN v TYPE text USING lower(v)");

        assertThat(look())
                .containsExactlyInAnyOrder(
                        sentence("a", "was rewritten by ALTER TABLE", false),
                        sentence("p", "was rewritten by ALTER TABLE", false));
    }

    @Test
    void aLoadMeetsWhatWasDueBeforeItOnly() throws SQLException {
        source.execute("TRUNCATE $.p1");
        look();
        DueLoad due = SourceWatch.due(source.pipeline(folder).lake()).get(new SourceTable(source.name(), "p"));

        assertThat(due.isMetBy(due.lsn() - 1)).isFalse();
        assertThat(due.isMetBy(-1)).isFalse();
        assertThat(due.isMetBy(due.lsn())).isTrue();
        assertThat(new DueLoad(due.lsn(), "is away", true).isMetBy(due.lsn())).isFalse();
    }

    @Test
    void aSlotThatWasMadeAnewIsGoneOnWithOnceTheLossIsAccepted() throws Exception {
        try (RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            capture.awaitAll(source);
        }
        source.dropSlot();
        source.execute("UPDATE $.a SET v = 'lost'");
        source.createSlot();
        RunningCapture refused = new RunningCapture(source.pipeline(folder));
        assertThatThrownBy(refused::join)
                .hasMessageContaining("the changes between are lost")
                .hasMessageContaining("headwater capture --accept-loss");

        try (RunningCapture capture = new RunningCapture(source.pipeline(folder), true)) {
            source.execute("UPDATE $.a SET v = 'seen' WHERE id = 1");
            assertThat(capture.awaitAll(source))
                    .last()
                    .satisfies(row -> assertThat((String) row.get("after")).contains("seen"));
        }

        assertThat(SourceWatch.due(source.pipeline(folder).lake()))
                .hasSize(3)
                .allSatisfy((table, due) -> assertThat(due.reason()).startsWith("lost its changes from "));
    }

    @Test
    void aChangeOfTheReplicaIdentityBeginsTheStreamAnew() throws SQLException {
        SourceWatch watch = new SourceWatch(source.pipeline(folder));
        watch.look(connection);
        watch.requireSameIdentities();
        source.execute("ALTER TABLE $.a REPLICA IDENTITY FULL");
        watch.look(connection);

        assertThatThrownBy(watch::requireSameIdentities)
                .hasMessageContaining("The replica identity of " + source.name() + ".a has changed");
    }

    /** A look of a process that begins: it knows of the last one what the lake holds. */
    private List<String> look() throws SQLException {
        return new SourceWatch(source.pipeline(folder)).look(connection);
    }

    private String sentence(String table, String reason, boolean lasts) {
        DueLoad due = SourceWatch.due(source.pipeline(folder).lake()).get(new SourceTable(source.name(), table));
        assertThat(due.lasts()).isEqualTo(lasts);
        return new DueLoad(due.lsn(), reason, lasts).sentence(new SourceTable(source.name(), table), List.of(table));
    }
}
