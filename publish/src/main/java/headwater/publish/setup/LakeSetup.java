package headwater.publish.setup;

import headwater.lake.pipeline.LakeSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.store.LakeAccess;
import headwater.publish.check.Findings;
import headwater.publish.check.LakeArea;
import headwater.publish.check.LakeBucket;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The lake's location: made where it is absent, and then fit for every writer. */
record LakeSetup(LakeSettings lake) {

    void run(PrintWriter out) {
        URI root = URI.create(lake.root());
        boolean bucketCreated =
                root.getScheme().startsWith("s3") && new LakeBucket(lake).createIfAbsent(root.getHost());
        if (bucketCreated) {
            out.println("Lake: bucket " + root.getHost() + " created");
        }
        makeFolder(root);
        if (bucketCreated) {
            // the look before setup could not try it
            Findings findings = new Findings();
            new LakeArea(lake).look(findings);
            findings.requireNone("set up the lake");
        }
        out.println("Lake: " + lake.root() + " can be written, read and deleted"
                + (root.getScheme().startsWith("s3") ? ", and If-None-Match is atomic" : ""));
    }

    private void makeFolder(URI root) {
        try (FileSystem store = FileSystem.newInstance(root, LakeAccess.impatient(lake))) {
            store.mkdirs(new Path(root));
        } catch (IOException | FSError e) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot make " + lake.root() + ": " + Failure.reason(e)
                            + ". Check lake.root of the pipeline file and the rights on it.",
                    e);
        }
    }
}
