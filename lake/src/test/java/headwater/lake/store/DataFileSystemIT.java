package headwater.lake.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.embedded.EmbeddedS3;
import headwater.lake.pipeline.LakeSettings;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;

class DataFileSystemIT {

    @Test
    void aDataFileIsAskedForItsSizeOnceAndEverythingElseEachTime() throws IOException {
        try (EmbeddedS3 s3 = EmbeddedS3.start(
                java.nio.file.Path.of("target", "s3-data-files").toAbsolutePath())) {
            s3.useInThisJvm();
            LakeSettings lake = new LakeSettings(
                    "s3a://" + EmbeddedS3.BUCKET + "/lake",
                    Map.of(
                            "fs.s3a.endpoint", s3.url(),
                            "fs.s3a.endpoint.region", "us-east-1",
                            "fs.s3a.path.style.access", "true"));
            try (FileSystem store = FileSystem.newInstance(URI.create(lake.root()), LakeConfiguration.of(lake))) {
                assertThat(store).isInstanceOf(DataFileSystem.class);
                Path data = new Path(lake.root() + "/table/part.parquet");
                Path checkpoint = new Path(lake.root() + "/table/_delta_log/00000000000000000010.checkpoint.parquet");
                write(store, data, "rows");
                write(store, checkpoint, "old");

                long before = heads(s3);
                for (int time = 0; time < 3; time++) {
                    assertThat(store.getFileStatus(data).getLen()).isEqualTo(4);
                    assertThat(read(store, data)).isEqualTo("rows");
                }
                assertThat(heads(s3) - before).isEqualTo(1);

                assertThat(read(store, checkpoint)).isEqualTo("old");
                write(store, checkpoint, "newer");
                assertThat(read(store, checkpoint)).isEqualTo("newer");

                // as another process does that vacuums the table
                java.nio.file.Files.delete(s3.objects().resolve("lake/table/part.parquet"));
                assertThatThrownBy(() -> read(store, data)).isInstanceOf(FileNotFoundException.class);
                Path other = new Path(lake.root() + "/table/other.parquet");
                write(store, other, "more");
                store.delete(other, false);
                assertThatThrownBy(() -> store.getFileStatus(other)).isInstanceOf(FileNotFoundException.class);
            }
        }
    }

    private static long heads(EmbeddedS3 s3) {
        return s3.requests().getOrDefault("HeadObject", 0L);
    }

    private static void write(FileSystem store, Path path, String text) throws IOException {
        try (OutputStream out = store.create(path, true)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String read(FileSystem store, Path path) throws IOException {
        try (FSDataInputStream in = store.open(path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
