package headwater.lake.embedded;

import headwater.lake.process.Failure;
import headwater.lake.process.Home;
import headwater.lake.process.Remedy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * libaio.so.1, the one library that MySQL needs and a small Debian lacks. If the system has none, the Debian package is
 * unpacked into Headwater's own folder; nothing is installed, and no right beyond the user's is needed.
 */
final class AsyncIoLibrary {
    private static final String FILE = "libaio.so.1";
    private static final List<String> SYSTEM =
            List.of("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/usr/lib");

    /** The folder to put on the library path; empty if the system's own library is found anyway. */
    static String folder() {
        if (SYSTEM.stream().anyMatch(folder -> Files.exists(Path.of(folder, FILE)))) {
            return "";
        }
        Path own = Home.data().resolve("servers/libaio");
        if (!Files.exists(own.resolve(FILE))) {
            fetch(own);
        }
        return own.toString();
    }

    private static void fetch(Path own) {
        Path work = Folders.create(own.resolve("work"));
        // Debian 12 calls the package libaio1, Debian 13 and Ubuntu 24 libaio1t64
        String script = """
                set -e
                mkdir -p lists/partial cache/archives/partial
                apt="apt-get -q -o Dir::State::lists=$PWD/lists -o Dir::Cache=$PWD/cache -o Debug::NoLocking=true"
                $apt update
                $apt download libaio1t64 || $apt download libaio1
                for package in *.deb; do dpkg -x "$package" unpacked; done
                """;
        try {
            ServerProcess.run("libaio", work, List.of("sh", "-c", "cd '" + work + "' && " + script), Map.of());
            Path library = find(work.resolve("unpacked"))
                    .orElseThrow(() -> new Failure(Remedy.OPERATOR, "The Debian package holds no libaio"));
            Files.copy(library, own.resolve(FILE));
            Folders.delete(work);
        } catch (Failure | IOException e) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "MySQL needs " + FILE + ", and it could not be fetched (" + work.resolve("libaio.log")
                            + " says why). Install it: apt-get install libaio1 (Debian 13, Ubuntu 24: libaio1t64), dnf install libaio.",
                    e);
        }
    }

    private static Optional<Path> find(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.getFileName().toString().startsWith(FILE))
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private AsyncIoLibrary() {}
}
