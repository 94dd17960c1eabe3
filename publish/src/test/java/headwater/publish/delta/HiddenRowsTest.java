package headwater.publish.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

/**
 * Rows under a deletion vector. The table in {@code hidden-rows} was written by Spark 3.5.6 with Delta 3.3.3, since Kernel writes no
 * vectors: seven items in version 0, two of them deleted in version 1, one updated in version 2.
 */
class HiddenRowsTest {
    private static final List<CuratedColumn> COLUMNS = List.of(
            new CuratedColumn("year", IntegerType.INTEGER),
            new CuratedColumn("id", LongType.LONG),
            new CuratedColumn("item", StringType.STRING));

    private final Engine engine = DefaultEngine.create(new Configuration());
    private final CuratedFeed feed = new CuratedFeed(new DeltaTable(
            engine,
            Path.of("src/test/resources/hidden-rows")
                    .toAbsolutePath()
                    .toUri()
                    .toString()
                    .replaceFirst("/$", "")));

    @Test
    void hiddenRowsAreNotRowsOfAVersion() {
        assertThat(read(feed.rowsAt(2)))
                .containsExactlyInAnyOrder(
                        "row [2021, 1, item 1]",
                        "row [2020, 2, item 2]",
                        "row [2021, 5, changed]",
                        "row [2020, 6, item 6]",
                        "row [2021, 7, item 7]");
        assertThat(read(feed.rowsAt(1))).contains("row [2021, 5, item 5]").hasSize(5);
        assertThat(read(feed.rowsAt(0))).hasSize(7);
    }

    @Test
    void changesThatOnlyVectorsTellAreNotTold() {
        assertThat(read(feed.between(1, 2).orElseThrow()))
                .containsExactlyInAnyOrder("deletion [2021, 5, item 5]", "row [2021, 5, changed]");
        assertThat(feed.between(0, 2)).isEmpty();
    }

    private List<String> read(List<FeedFile> files) {
        List<String> rows = new ArrayList<>();
        RowReader reader = new RowReader(engine, COLUMNS);
        for (FeedFile file : files) {
            reader.read(file, new RowSink() {
                @Override
                public void row(long version, Object[] row) {
                    rows.add("row " + Arrays.toString(row));
                }

                @Override
                public void deletion(long version, Object[] row) {
                    rows.add("deletion " + Arrays.toString(row));
                }

                @Override
                public boolean full() {
                    return false;
                }
            });
        }
        return rows;
    }
}
