package headwater.lake.store;

import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.apache.hadoop.util.functional.FutureIO;

/**
 * S3A that asks once how large a data file is. A reader of Parquet asks it four times for each file that it opens, footer and rows
 * apart, and a data file never changes: its name is new whenever it is written. A file that is gone is still found out by its reading.
 */
public final class DataFileSystem extends S3AFileSystem {
    private static final int KEPT = 20_000;

    private final Map<Path, FileStatus> known = Collections.synchronizedMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, FileStatus> eldest) {
            return size() > KEPT;
        }
    });

    @Override
    public FileStatus getFileStatus(Path path) throws IOException {
        if (!isDataFile(path)) {
            return super.getFileStatus(path);
        }
        Path whole = makeQualified(path);
        FileStatus status = known.get(whole);
        if (status == null) {
            status = super.getFileStatus(whole);
            if (status.isFile()) {
                known.put(whole, status);
            }
        }
        return status;
    }

    @Override
    public FSDataInputStream open(Path path, int bufferSize) throws IOException {
        return isDataFile(path)
                ? FutureIO.awaitFuture(
                        openFile(path).withFileStatus(getFileStatus(path)).build())
                : super.open(path, bufferSize);
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        known.remove(makeQualified(path));
        return super.delete(path, recursive);
    }

    /** Checkpoints are Parquet as well, and may be written twice. */
    private static boolean isDataFile(Path path) {
        return path.getName().endsWith(".parquet")
                && !path.getParent().getName().equals("_delta_log");
    }
}
