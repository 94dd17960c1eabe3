package headwater.capture.raw;

import headwater.lake.process.Failure;
import headwater.lake.process.Home;
import headwater.lake.process.Remedy;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * The changes of one transaction that is too big for the heap, compressed in a file of this machine. They cannot go to
 * the lake at once, because each row carries the END LSN of its transaction, which PostgreSQL tells last.
 */
final class ChangeSpool implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    private final FileChannel file;
    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    private final DeflaterOutputStream compressed;
    private final DataOutputStream out;
    private long rows;

    private ChangeSpool(FileChannel file) {
        this.file = file;
        this.compressed = new DeflaterOutputStream(Channels.newOutputStream(file), deflater, BUFFER);
        this.out = new DataOutputStream(new BufferedOutputStream(compressed, BUFFER));
    }

    /** A new, empty file; it loses its name at once, so that a killed process leaves nothing behind. */
    static ChangeSpool open() {
        try {
            Path folder = Files.createDirectories(folder());
            return new ChangeSpool(FileChannel.open(
                    folder.resolve(UUID.randomUUID().toString()),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE));
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    void add(List<RawChange> changes) {
        try {
            for (RawChange change : changes) {
                change.write(out);
            }
            rows += changes.size();
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    long rows() {
        return rows;
    }

    /** All changes in their order; nothing can be added afterwards. */
    Iterator<RawChange> read() {
        try {
            out.flush();
            compressed.finish();
            file.position(0);
        } catch (IOException e) {
            throw unusable(e);
        }
        DataInputStream in = new DataInputStream(
                new BufferedInputStream(new InflaterInputStream(Channels.newInputStream(file)), BUFFER));
        return LongStream.range(0, rows).mapToObj(row -> read(in)).iterator();
    }

    @Override
    public void close() {
        deflater.end();
        try {
            file.close();
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    private static RawChange read(DataInputStream in) {
        try {
            return RawChange.read(in);
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    private static Failure unusable(IOException e) {
        return new Failure(
                Remedy.RETRY,
                "Cannot hold a big transaction in " + folder() + ": " + Failure.reason(e)
                        + ". Check that the disk has room for the transaction's rows.",
                e);
    }

    private static Path folder() {
        return Home.data().resolve("spool");
    }
}
