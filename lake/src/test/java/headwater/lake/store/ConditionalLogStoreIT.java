package headwater.lake.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.embedded.EmbeddedS3;
import headwater.lake.pipeline.LakeSettings;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;

class ConditionalLogStoreIT {
    private static final int ROUNDS = 20;
    private static final int WRITERS = 8;

    @Test
    void ofWritersThatRaceForOneEntryExactlyOneWins() throws Exception {
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
        try (EmbeddedS3 s3 =
                EmbeddedS3.start(java.nio.file.Path.of("target", "s3-race").toAbsolutePath())) {
            s3.useInThisJvm();
            Configuration hadoop = configuration(s3);
            ConditionalLogStore store = new ConditionalLogStore(hadoop);
            for (int round = 0; round < ROUNDS; round++) {
                Path entry = new Path("s3a://" + EmbeddedS3.BUCKET + "/log/" + round + ".json");
                List<Callable<Boolean>> race = java.util.stream.IntStream.range(0, WRITERS)
                        .mapToObj(writer -> (Callable<Boolean>) () -> wins(store, entry, "writer " + writer, hadoop))
                        .toList();

                int winner = -1;
                int wins = 0;
                List<Future<Boolean>> outcomes = writers.invokeAll(race);
                for (int writer = 0; writer < WRITERS; writer++) {
                    if (outcomes.get(writer).get()) {
                        winner = writer;
                        wins++;
                    }
                }

                assertThat(wins).as("winners of round " + round).isEqualTo(1);
                try (var lines = store.read(entry, hadoop)) {
                    assertThat(lines.next()).isEqualTo("writer " + winner);
                }
            }
        } finally {
            writers.shutdown();
        }
    }

    @Test
    void aLogIsListedFromAnEntryOn() throws Exception {
        try (EmbeddedS3 s3 =
                EmbeddedS3.start(java.nio.file.Path.of("target", "s3-list").toAbsolutePath())) {
            s3.useInThisJvm();
            Configuration hadoop = configuration(s3);
            // as many to an answer, so that there are several
            hadoop.set("fs.s3a.paging.maximum", "2");
            hadoop.set("fs.s3a.impl.disable.cache", "true");
            ConditionalLogStore store = new ConditionalLogStore(hadoop);
            Path log = new Path("s3a://" + EmbeddedS3.BUCKET + "/table/_delta_log");
            for (String name : List.of("07.json", "08.json", "08.crc", "09.json", "10.json", "_sidecars/11.json")) {
                store.write(new Path(log, name), List.of("{}").iterator(), false, hadoop);
            }

            assertThat(names(store.listFrom(new Path(log, "08.json"), hadoop)))
                    .containsExactly("08.json", "09.json", "10.json", "_sidecars");
            assertThat(names(store.listFrom(new Path(log, "11.json"), hadoop))).doesNotContain("10.json", "11.json");
            assertThatThrownBy(() -> store.listFrom(new Path(log.getParent(), "none/08.json"), hadoop))
                    .isInstanceOf(FileNotFoundException.class);
        }
    }

    private static List<String> names(Iterator<FileStatus> files) {
        List<String> names = new ArrayList<>();
        files.forEachRemaining(file -> names.add(file.getPath().getName()));
        return names;
    }

    private static Configuration configuration(EmbeddedS3 s3) {
        return LakeConfiguration.of(new LakeSettings(
                "s3a://" + EmbeddedS3.BUCKET,
                Map.of(
                        "fs.s3a.endpoint", s3.url(),
                        "fs.s3a.endpoint.region", "us-east-1",
                        "fs.s3a.path.style.access", "true")));
    }

    private static boolean wins(ConditionalLogStore store, Path entry, String line, Configuration hadoop)
            throws IOException {
        try {
            store.write(entry, List.of(line).iterator(), false, hadoop);
            return true;
        } catch (FileAlreadyExistsException lost) {
            return false;
        }
    }
}
