package headwater.lake.table;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.parquet.DataFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.delta.actions.AddFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which files a commit takes out, by what the log says of them. */
class TailTest {

    /** Files of equal size, and how many of them are taken. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            #files | rows   | bytes    | taken
            8      | 10     | 1000     | 0
            9      | 10     | 1000     | 9
            9      | 10000  | 1000     | 2
            9      | 10001  | 1000     | 0
            30     | 1000   | 1000     | 20
            9      | 10     | 4194304  | 2
            9      | 10     | 4194305  | 0
            30     | 10     | 1048576  | 8
            """)
    void asManyAsTheDriverHoldsBesideItsOwnRows(int files, int rows, long bytes, int taken) {
        List<AddFile> all = IntStream.range(0, files)
                .mapToObj(at -> file("f" + at, "a", rows, bytes))
                .toList();

        assertThat(Tail.taken(all)).hasSize(taken);
    }

    @Test
    void theSmallestOfEachPartitionThatHasMany() {
        List<AddFile> all = new ArrayList<>();
        IntStream.range(0, 8).forEach(at -> all.add(file("few" + at, "a", 10, 1000)));
        IntStream.range(0, 8).forEach(at -> all.add(file("small" + at, "b", 10, 1000)));
        all.add(file("larger", "b", 9_990, 1000));
        all.add(file("largest", "b", 10_000, 1000));
        all.add(file("large", "b", 1_000_000, 100_000_000));

        assertThat(Tail.taken(all))
                .extracting(AddFile::path)
                .containsExactly(
                        "small0", "small1", "small2", "small3", "small4", "small5", "small6", "small7", "larger");
    }

    private static AddFile file(String path, String partition, int rows, long bytes) {
        return TableFile.of(
                        new DataFile(path, bytes, "{\"numRecords\":" + rows + "}"), Map.of("part", partition), Map.of())
                .action();
    }
}
