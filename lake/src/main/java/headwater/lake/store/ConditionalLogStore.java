package headwater.lake.store;

import io.delta.storage.HadoopFileSystemLogStore;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.s3a.Constants;
import org.apache.hadoop.fs.s3a.Listing;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.apache.hadoop.fs.s3a.S3ListRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;

/**
 * A Delta log store for S3 that creates each log entry with {@code If-None-Match: *}, so that of several processes only
 * one can write a version. Delta's own store for S3 checks for existence and then writes, and with two JVMs loses
 * acknowledged commits. Every writer of a lake must use this class: one without it breaks the guarantee for all.
 *
 * <p>Needs Hadoop 3.4.2 or newer (HADOOP-19256) and a store whose If-None-Match is atomic.
 */
public final class ConditionalLogStore extends HadoopFileSystemLogStore {
    private static final String CREATE_IF_ABSENT = "fs.option.create.conditional.overwrite";

    /** Called by Delta, by reflection. */
    public ConditionalLogStore(Configuration configuration) {
        super(configuration);
    }

    /**
     * Writes all lines as one object.
     *
     * @throws FileAlreadyExistsException if {@code overwrite} is false and the object holds other bytes. The same bytes
     *     are our own write whose answer was lost, and count as written.
     */
    @Override
    public void write(Path path, Iterator<String> lines, Boolean overwrite, Configuration configuration)
            throws IOException {
        byte[] bytes = encode(lines);
        FileSystem store = path.getFileSystem(configuration);
        if (overwrite) {
            try (FSDataOutputStream out = store.create(path, true)) {
                out.write(bytes);
            }
            return;
        }
        FSDataOutputStreamBuilder<?, ?> create = store.createFile(path);
        create.overwrite(false).must(CREATE_IF_ABSENT, true);
        try (FSDataOutputStream out = create.build()) {
            out.write(bytes);
        } catch (IOException unknown) {
            settle(path, bytes, store, unknown);
        }
    }

    /**
     * The entries from that name on. On S3 only they are asked for: Delta's own stores for a Hadoop file system list the
     * whole folder, and a log that capture writes for weeks holds a million objects.
     */
    @Override
    public Iterator<FileStatus> listFrom(Path path, Configuration configuration) throws IOException {
        if (!(path.getFileSystem(configuration) instanceof S3AFileSystem store)) {
            return super.listFrom(path, configuration);
        }
        List<FileStatus> entries = listFrom(store, store.makeQualified(path));
        // whether there is a log at all, only the folder tells
        return entries.isEmpty() ? super.listFrom(path, configuration) : entries.iterator();
    }

    private static List<FileStatus> listFrom(S3AFileSystem store, Path first) throws IOException {
        Path log = first.getParent();
        String name = first.getName();
        String folder = store.pathToKey(log) + "/";
        ListObjectsV2Request request = ListObjectsV2Request.builder()
                .bucket(store.getBucket())
                .prefix(folder)
                .delimiter("/")
                // S3 begins behind this key, and the name itself must come
                .startAfter(folder + name.substring(0, name.length() - 1))
                .maxKeys(store.getConf().getInt(Constants.MAX_PAGING_KEYS, 1_000))
                .build();
        RemoteIterator<? extends FileStatus> found = store.getListing()
                .createFileStatusListingIterator(
                        log,
                        S3ListRequest.v2(request),
                        file -> file.getName().compareTo(name) >= 0,
                        new Listing.AcceptAllButSelfAndS3nDirs(log),
                        store.getActiveAuditSpan());
        List<FileStatus> entries = new ArrayList<>();
        while (found.hasNext()) {
            entries.add(found.next());
        }
        entries.sort(Comparator.comparing(FileStatus::getPath));
        return entries;
    }

    /** An object appears as a whole or not at all. */
    @Override
    public Boolean isPartialWriteVisible(Path path, Configuration configuration) {
        return false;
    }

    /** After any failure only the object itself says whether the write took place, and whose it was. */
    private static void settle(Path path, byte[] bytes, FileSystem store, IOException failure) throws IOException {
        byte[] found;
        try (FSDataInputStream in = store.open(path)) {
            found = in.readAllBytes();
        } catch (FileNotFoundException absent) {
            throw failure;
        } catch (IOException unreadable) {
            failure.addSuppressed(unreadable);
            throw failure;
        }
        if (!Arrays.equals(found, bytes)) {
            FileAlreadyExistsException lost = new FileAlreadyExistsException(path.toString());
            lost.initCause(failure);
            throw lost;
        }
    }

    private static byte[] encode(Iterator<String> lines) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(16 * 1024);
        while (lines.hasNext()) {
            bytes.writeBytes(lines.next().getBytes(StandardCharsets.UTF_8));
            bytes.write('\n');
        }
        return bytes.toByteArray();
    }
}
