package headwater.publish.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.store.ConditionalLogStore;
import io.delta.storage.HadoopFileSystemLogStore;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConditionalWriteProbeTest {
    private final Configuration configuration = new Configuration();

    @TempDir
    java.nio.file.Path folder;

    /** What the stock log store for S3 does: looks whether the object is there, and then writes it. */
    private static class CheckThenWrite extends HadoopFileSystemLogStore {
        CheckThenWrite(Configuration configuration) {
            super(configuration);
        }

        @Override
        public void write(Path path, Iterator<String> lines, Boolean overwrite, Configuration configuration)
                throws IOException {
            FileSystem store = path.getFileSystem(configuration);
            if (store.exists(path)) {
                throw new FileAlreadyExistsException(path.toString());
            }
            checked();
            try (FSDataOutputStream object = store.create(path, true)) {
                object.writeBytes(lines.next());
            }
        }

        void checked() throws IOException {}

        @Override
        public Boolean isPartialWriteVisible(Path path, Configuration configuration) {
            return false;
        }
    }

    /** The moment between the two made certain: all writers have looked before one writes. */
    private static final class AllCheckThenWrite extends CheckThenWrite {
        private final CyclicBarrier looked = new CyclicBarrier(ConditionalWriteProbe.WRITERS);

        AllCheckThenWrite(Configuration configuration) {
            super(configuration);
        }

        @Override
        void checked() throws IOException {
            try {
                looked.await();
            } catch (InterruptedException | BrokenBarrierException e) {
                throw new IOException(e);
            }
        }
    }

    /** One writer at a time. */
    private static final class Atomic extends CheckThenWrite {
        Atomic(Configuration configuration) {
            super(configuration);
        }

        @Override
        public synchronized void write(
                Path path, Iterator<String> lines, Boolean overwrite, Configuration configuration) throws IOException {
            super.write(path, lines, overwrite, configuration);
        }
    }

    /** Honours nothing, as a store that ignores the header. */
    private static final class Overwriting extends CheckThenWrite {
        Overwriting(Configuration configuration) {
            super(configuration);
        }

        @Override
        public synchronized void write(
                Path path, Iterator<String> lines, Boolean overwrite, Configuration configuration) throws IOException {
            path.getFileSystem(configuration).delete(path, false);
            super.write(path, lines, overwrite, configuration);
        }
    }

    @Test
    void aStoreThatChecksAndThenWritesIsFoundOut() throws Exception {
        Optional<String> fault = run(new AllCheckThenWrite(configuration));

        assertThat(fault.orElseThrow())
                .contains(
                        "its If-None-Match is not atomic: in 6 of 6 rounds up to 8 of 8 writers created the same object");
        assertNothingLeft();
    }

    @Test
    void aStoreThatIgnoresTheConditionIsFoundOut() throws Exception {
        assertThat(run(new Overwriting(configuration)).orElseThrow()).contains("6 of 6 rounds");
        assertNothingLeft();
    }

    @Test
    void aStoreWithOneWinnerPasses() throws Exception {
        assertThat(run(new Atomic(configuration))).isEmpty();
        assertNothingLeft();
    }

    @Test
    void aStoreThatNobodyCanWriteIsNotTakenForAtomic() throws Exception {
        Files.createFile(folder.resolve("file"));
        Path below = new Path(folder.toUri() + "/file/probe");

        assertThatThrownBy(() ->
                        new ConditionalWriteProbe(new ConditionalLogStore(configuration), configuration).run(below))
                .isInstanceOf(IOException.class);
    }

    private Optional<String> run(HadoopFileSystemLogStore store) throws IOException {
        return new ConditionalWriteProbe(store, configuration).run(new Path(folder.toUri() + "/probe"));
    }

    private void assertNothingLeft() throws IOException {
        try (Stream<java.nio.file.Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }
}
