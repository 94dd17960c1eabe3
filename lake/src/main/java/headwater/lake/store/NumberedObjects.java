package headwater.lake.store;

import headwater.lake.pipeline.LakeSettings;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Small objects of one folder of a lake, numbered from 1. Each number is created by one process only, as an entry of a
 * table's log is; the creator may write it again. A folder of files does the same with the operating system's means.
 */
public final class NumberedObjects implements AutoCloseable {
    private final Path folder;
    private final Configuration configuration;
    private final FileSystem store;

    /**
     * @param folder a URI within the lake
     * @throws IOException if the store cannot be reached
     */
    public NumberedObjects(LakeSettings lake, String folder) throws IOException {
        this.folder = new Path(folder);
        this.configuration = LakeAccess.impatient(lake);
        // Hadoop would close the store at once on Ctrl-C, under a claim that is still to be given up
        configuration.setBoolean("fs.automatic.close", false);
        this.store = FileSystem.newInstance(URI.create(folder), configuration);
    }

    /** The greatest number, 0 without any. */
    public long newest() throws IOException {
        long newest = 0;
        try {
            for (FileStatus file : store.listStatus(folder)) {
                if (file.getPath().getName().matches("\\d+")) {
                    newest = Math.max(newest, Long.parseLong(file.getPath().getName()));
                }
            }
        } catch (FileNotFoundException nothingYet) {
            return 0;
        }
        return newest;
    }

    /** Whether there is an object of that number. */
    public boolean exists(long number) throws IOException {
        return store.exists(object(number));
    }

    /** Creates an object; false if another process has created it. */
    public boolean create(long number, String text) throws IOException {
        try {
            if (isLocal()) {
                Files.createDirectories(local(number).getParent());
                Files.writeString(local(number), text, StandardOpenOption.CREATE_NEW);
            } else {
                new ConditionalLogStore(configuration)
                        .write(object(number), List.of(text).iterator(), false, configuration);
            }
            return true;
        } catch (FileAlreadyExistsException taken) {
            return false;
        }
    }

    /** Writes an object that this process has created. */
    public void replace(long number, String text) throws IOException {
        if (isLocal()) {
            java.nio.file.Path next = local(number).resolveSibling("." + number + ".next");
            Files.writeString(next, text);
            Files.move(next, local(number), StandardCopyOption.ATOMIC_MOVE);
        } else {
            new ConditionalLogStore(configuration)
                    .write(object(number), List.of(text).iterator(), true, configuration);
        }
    }

    /** The text of an object, empty if it is gone. */
    public Optional<String> read(long number) throws IOException {
        try (var in = store.open(object(number))) {
            return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8).strip());
        } catch (FileNotFoundException gone) {
            return Optional.empty();
        }
    }

    /** Deletes an object, if it is there. */
    public void delete(long number) throws IOException {
        store.delete(object(number), false);
    }

    @Override
    public void close() throws IOException {
        store.close();
    }

    private boolean isLocal() {
        return "file".equals(store.getUri().getScheme());
    }

    private java.nio.file.Path local(long number) {
        return java.nio.file.Path.of(object(number).toUri().getPath());
    }

    private Path object(long number) {
        return new Path(folder, Long.toString(number));
    }
}
