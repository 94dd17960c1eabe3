package headwater.publish;

import headwater.lake.pipeline.LakeSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.store.ConditionalLogStore;
import headwater.lake.store.LakeAccess;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/** The lake's location: there, writable, and on S3 honouring If-None-Match, without which two writers lose commits. */
final class LakeSetup {
    private final LakeSettings lake;
    private final Configuration configuration;

    LakeSetup(LakeSettings lake) {
        this.lake = lake;
        this.configuration = LakeAccess.impatient(lake);
    }

    void run(PrintWriter out) {
        URI root = URI.create(lake.root());
        boolean s3 = root.getScheme().startsWith("s3");
        if (s3 && new LakeBucket(lake).createIfAbsent(root.getHost())) {
            out.println("Lake: bucket " + root.getHost() + " created");
        }
        Path probe = new Path(lake.root(), ".headwater-probe-" + UUID.randomUUID());
        try {
            FileSystem store = probe.getFileSystem(configuration);
            store.mkdirs(new Path(lake.root()));
            try {
                probe(store, probe);
                if (s3) {
                    probeConditionalWrite(new Path(probe + "-if-none-match"), store);
                }
            } finally {
                store.delete(probe, false);
            }
        } catch (IOException e) {
            throw failure("it cannot be written: " + Failure.reason(e), e);
        }
        out.println("Lake: " + lake.root() + " can be written, read and deleted"
                + (s3 ? ", and If-None-Match is honoured" : ""));
    }

    private void probe(FileSystem store, Path probe) throws IOException {
        byte[] written = "headwater".getBytes(StandardCharsets.UTF_8);
        try (FSDataOutputStream object = store.create(probe, true)) {
            object.write(written);
        }
        try (FSDataInputStream object = store.open(probe)) {
            if (!new String(object.readAllBytes(), StandardCharsets.UTF_8).equals("headwater")) {
                throw failure("an object just written reads differently", null);
            }
        }
    }

    /** One after the other; that it is atomic as well is for "check" to find out. */
    private void probeConditionalWrite(Path entry, FileSystem store) throws IOException {
        ConditionalLogStore log = new ConditionalLogStore(configuration);
        try {
            log.write(entry, List.of("first").iterator(), false, configuration);
            log.write(entry, List.of("second").iterator(), false, configuration);
            throw failure(
                    "it ignores If-None-Match: a second create of the same object succeeded, so two writers would lose commits. Use a store with conditional writes, such as AWS S3",
                    null);
        } catch (FileAlreadyExistsException honoured) {
            return;
        } finally {
            store.delete(entry, false);
        }
    }

    private Failure failure(String why, @Nullable IOException cause) {
        return new Failure(
                Remedy.OPERATOR,
                "Cannot use the lake at " + lake.root() + ": " + why
                        + ". Check lake.root and lake.options of the pipeline file, the AWS credentials and their rights.",
                cause);
    }
}
