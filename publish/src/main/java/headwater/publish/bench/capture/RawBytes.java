package headwater.publish.bench.capture;

import headwater.lake.pipeline.LakeSettings;
import headwater.lake.store.LakeConfiguration;
import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** How much raw/changes takes in the store. */
record RawBytes(LakeSettings lake) {

    /** Of its data files. */
    long dataBytes() throws IOException {
        long bytes = 0;
        try (FileSystem store = FileSystem.newInstance(URI.create(lake.root()), LakeConfiguration.of(lake))) {
            RemoteIterator<LocatedFileStatus> files =
                    store.listFiles(new Path(lake.layout().rawChanges()), true);
            while (files.hasNext()) {
                LocatedFileStatus file = files.next();
                bytes += file.getPath().toString().contains("/_delta_log/") ? 0 : file.getLen();
            }
        }
        return bytes;
    }
}
