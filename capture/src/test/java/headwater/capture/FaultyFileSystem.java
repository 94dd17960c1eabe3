package headwater.capture;

import headwater.capture.Faults.Written;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * An object store in a folder, with the {@link Faults} of its bucket. As in S3 an object appears as a whole when its
 * stream is closed, and the condition of a conditional create is decided then. Instantiated by Hadoop by its class name.
 */
public final class FaultyFileSystem extends RawLocalFileSystem {
    private URI bucket;
    private Faults faults;

    @Override
    public void initialize(URI root, Configuration configuration) throws IOException {
        super.initialize(root, configuration);
        bucket = URI.create(root.getScheme() + "://" + root.getAuthority());
        faults = Faults.of(root.getAuthority());
    }

    @Override
    public URI getUri() {
        // asked for before it is known
        return bucket == null ? super.getUri() : bucket;
    }

    @Override
    public FSDataInputStream open(Path path, int bufferSize) throws IOException {
        faults.read(written(path));
        return super.open(path, bufferSize);
    }

    @Override
    public FSDataOutputStream create(
            Path path, boolean overwrite, int bufferSize, short replication, long blockSize, Progressable progress)
            throws IOException {
        return new FSDataOutputStream(new Upload(path, overwrite), null);
    }

    @Override
    public FSDataOutputStream create(
            Path path,
            FsPermission permission,
            boolean overwrite,
            int bufferSize,
            short replication,
            long blockSize,
            Progressable progress)
            throws IOException {
        return create(path, overwrite, bufferSize, replication, blockSize, progress);
    }

    @Override
    public FSDataOutputStreamBuilder<FSDataOutputStream, Create> createFile(Path path) {
        return new Create(path);
    }

    private static Written written(Path path) {
        String name = path.getName();
        if (path.toString().contains("/raw/changes/_delta_log/")) {
            return name.matches("\\d{20}\\.json")
                    ? Written.LOG_ENTRY
                    : name.endsWith(".crc") ? Written.CHECKSUM : Written.OTHER;
        }
        return path.toString().contains("/raw/changes/") && name.endsWith(".parquet")
                ? Written.DATA_FILE
                : Written.OTHER;
    }

    /** Takes the conditional create of S3A. */
    final class Create extends FSDataOutputStreamBuilder<FSDataOutputStream, Create> {
        private final Path path;

        private Create(Path path) {
            super(FaultyFileSystem.this, path);
            this.path = path;
        }

        @Override
        public Create getThisBuilder() {
            return this;
        }

        @Override
        public FSDataOutputStream build() throws IOException {
            return new FSDataOutputStream(new Upload(path, getFlags().contains(CreateFlag.OVERWRITE)), null);
        }
    }

    private final class Upload extends ByteArrayOutputStream {
        private final Path path;
        private final boolean overwrite;
        private boolean closed;

        private Upload(Path path, boolean overwrite) {
            this.path = path;
            this.overwrite = overwrite;
        }

        @Override
        public void close() throws IOException {
            if (closed) {
                return;
            }
            closed = true;
            Written object = written(path);
            faults.before(object);
            if (faults.isFull()) {
                throw new IOException("No space left on device");
            }
            keep();
            faults.after(object);
        }

        private void keep() throws IOException {
            java.nio.file.Path target = pathToFile(path).toPath();
            Files.createDirectories(target.getParent());
            java.nio.file.Path part = Files.createTempFile("object", null);
            Files.write(part, toByteArray());
            if (overwrite) {
                Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
            } else {
                try {
                    // unlike a move it never replaces
                    Files.createLink(target, part);
                } finally {
                    Files.delete(part);
                }
            }
        }
    }
}
