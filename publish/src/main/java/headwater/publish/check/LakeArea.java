package headwater.publish.check;

import headwater.lake.pipeline.LakeSettings;
import headwater.lake.process.Failure;
import headwater.lake.store.ConditionalLogStore;
import headwater.lake.store.LakeAccess;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.s3a.UnknownStoreException;

/** The lake: reachable, writable, and on S3 with an atomic If-None-Match. */
public final class LakeArea implements PipelineCheck.Area {
    private final LakeSettings lake;
    private final URI root;
    private final Configuration configuration;

    public LakeArea(LakeSettings lake) {
        this.lake = lake;
        this.root = URI.create(lake.root());
        this.configuration = LakeAccess.impatient(lake);
        // S3A sets the memory of a whole part aside for each object that is being written
        configuration.set("fs.s3a.multipart.size", "5M");
    }

    @Override
    public void look(Findings findings) {
        try {
            if (isOnS3()) {
                LakeAccess.require(lake);
                new LakeBucket(lake).clock().ifPresent(findings::warning);
            } else if (!Files.isDirectory(folder())) {
                lookForParent(findings);
                return;
            }
            probe(findings);
        } catch (Failure e) {
            if (e.getCause() instanceof UnknownStoreException) {
                findings.unprepared(e.getMessage());
            } else {
                findings.fault(e.getMessage());
            }
        } catch (IOException | FSError e) {
            findings.fault(cannotUse("it cannot be written: " + Failure.reason(e)));
        }
    }

    private boolean isOnS3() {
        return root.getScheme().startsWith("s3");
    }

    private java.nio.file.Path folder() {
        return java.nio.file.Path.of(root.getPath());
    }

    /** Setup makes the folder, as capture would. */
    private void lookForParent(Findings findings) {
        java.nio.file.Path nearest = folder().toAbsolutePath();
        while (nearest.getParent() != null && !Files.exists(nearest)) {
            nearest = nearest.getParent();
        }
        if (Files.isDirectory(nearest) && Files.isWritable(nearest)) {
            findings.fine("Lake at " + lake.root() + ": the folder is not there yet: setup makes it");
        } else {
            findings.fault(
                    cannotUse(nearest + " is no folder in which " + System.getProperty("user.name") + " may write"));
        }
    }

    private void probe(Findings findings) throws IOException {
        int before = findings.faults();
        Path probe = new Path(lake.root(), ".headwater-probe-" + UUID.randomUUID());
        try (FileSystem store = FileSystem.newInstance(root, configuration)) {
            try {
                write(store, probe, findings);
                if (isOnS3()) {
                    new ConditionalWriteProbe(new ConditionalLogStore(configuration), configuration)
                            .run(probe)
                            .ifPresent(fault -> findings.fault(cannotUse(fault)));
                }
            } finally {
                store.delete(probe, false);
            }
        }
        if (findings.faults() == before) {
            findings.fine("Lake at " + lake.root() + ": ok, can be written, read, listed and deleted"
                    + (isOnS3()
                            ? ", and If-None-Match is atomic: of " + ConditionalWriteProbe.WRITERS
                                    + " writers at a time one won, " + ConditionalWriteProbe.ROUNDS + " times"
                            : "; a folder is for the processes of one machine"));
        }
    }

    private void write(FileSystem store, Path probe, Findings findings) throws IOException {
        byte[] written = "headwater".getBytes(StandardCharsets.UTF_8);
        try (FSDataOutputStream object = store.create(probe, true)) {
            object.write(written);
        }
        try (FSDataInputStream object = store.open(probe)) {
            if (!new String(object.readAllBytes(), StandardCharsets.UTF_8).equals("headwater")) {
                findings.fault(cannotUse("an object just written reads differently"));
            }
        }
        if (!isListed(store, probe)) {
            findings.fault(cannotUse("an object just written is not listed"));
        }
    }

    /** Page by page: the root may be a bucket that holds more than the lake. */
    private static boolean isListed(FileSystem store, Path probe) throws IOException {
        RemoteIterator<FileStatus> entries = store.listStatusIterator(probe.getParent());
        while (entries.hasNext()) {
            if (entries.next().getPath().getName().equals(probe.getName())) {
                return true;
            }
        }
        return false;
    }

    private String cannotUse(String why) {
        return "Cannot use the lake at " + lake.root() + ": " + why
                + ". Check lake.root and lake.options of the pipeline file, the AWS credentials and their rights.";
    }
}
