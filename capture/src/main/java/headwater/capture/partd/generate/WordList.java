package headwater.capture.partd.generate;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** A text file beside this class: one entry a line, fields parted by {@code |}, lines that begin with # are comments. */
final class WordList {

    static List<String> lines(String file) {
        try (InputStream in = WordList.class.getResourceAsStream(file);
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return reader.lines().filter(line -> !line.startsWith("#")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }

    /** The fields of each line, as many as asked for, absent ones empty. */
    static List<String[]> fields(String file, int count) {
        return lines(file).stream()
                .map(line -> {
                    String[] fields = Arrays.copyOf(line.split("\\|", -1), count);
                    for (int i = 0; i < count; i++) {
                        fields[i] = fields[i] == null ? "" : fields[i];
                    }
                    return fields;
                })
                .toList();
    }

    private WordList() {}
}
