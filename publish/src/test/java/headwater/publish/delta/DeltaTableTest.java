package headwater.publish.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.contract.LakeLayout;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.publish.CuratedFixture;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeltaTableTest {
    @TempDir
    Path folder;

    private CuratedFixture curated;
    private DeltaTable table;

    @BeforeEach
    void aTableWithTwoCommits() {
        StructType schema = new StructType().add("item", StringType.STRING).add("sold", LongType.LONG);
        curated = new CuratedFixture(
                new LakeLayout(folder.toUri().toString()), "items", schema, List.of("item"), List.of());
        table = new DeltaTable(curated.engine(), curated.path());
        curated.merge(100, List.<Object[]>of(new Object[] {"apple", 1L}), List.of());
        curated.moveLsn(200);
    }

    /** What a listing shows that ran while a commit and its checksum were written. */
    @Test
    void aChecksumThatIsListedWithoutItsCommitIsReadAgain() throws IOException {
        long newest = table.newest().orElseThrow().getVersion();
        Path commit = log(newest, ".json");
        Path aside = folder.resolve("aside");
        Files.move(commit, aside);
        Files.writeString(log(newest, ".crc"), "{}");

        assertThatThrownBy(table::newest)
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.remedy()).isEqualTo(Remedy.RETRY))
                .hasMessageContaining("checksum version (" + newest + ")")
                .hasMessageContaining("it is safe to try again");

        Files.move(aside, commit);
        assertThat(table.newest().orElseThrow().getVersion()).isEqualTo(newest);
    }

    @Test
    void aTableThatIsNotThereIsEmpty() {
        assertThat(new DeltaTable(
                                curated.engine(), folder.resolve("none").toUri().toString())
                        .newest())
                .isEmpty();
    }

    private Path log(long version, String ending) {
        return Path.of(java.net.URI.create(curated.path()))
                .resolve("_delta_log/" + String.format("%020d", version) + ending);
    }
}
