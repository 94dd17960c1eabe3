package headwater.publish.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The lines of a file that another process writes, each once. */
public final class GrowingFile implements AutoCloseable {
    private final Path file;
    private final StringBuilder begun = new StringBuilder();
    private @Nullable BufferedReader reader;

    public GrowingFile(Path file) {
        this.file = file;
    }

    /** The whole lines since the last call; none if there is no file yet. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        try {
            if (reader == null) {
                if (!Files.exists(file)) {
                    return lines;
                }
                reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
            }
            for (int next = reader.read(); next >= 0; next = reader.read()) {
                if (next == '\n') {
                    lines.add(begun.toString());
                    begun.setLength(0);
                } else {
                    begun.append((char) next);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return lines;
    }

    @Override
    public void close() throws IOException {
        if (reader != null) {
            reader.close();
        }
    }
}
