package headwater.lake.embedded;

import headwater.lake.process.Failure;
import headwater.lake.process.Home;
import headwater.lake.process.Remedy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The libraries that MySQL needs and a small Debian lacks. Those that the system has not are unpacked from their Debian
 * packages into Headwater's own folder; nothing is installed, and no right beyond the user's is needed.
 */
final class MySqlLibraries {
    /** File name to the package's names: Debian 13 and Ubuntu 24 renamed libaio1. */
    private static final Map<String, List<String>> PACKAGES = Map.of(
            "libaio.so.1", List.of("libaio1t64", "libaio1"),
            "libnuma.so.1", List.of("libnuma1"));

    private static final List<String> SYSTEM =
            List.of("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/usr/lib");

    /** The folder to put on the library path. */
    static String folder() {
        Path own = Home.data().resolve("servers/libraries");
        Map<String, List<String>> missing = new TreeMap<>(PACKAGES);
        missing.keySet()
                .removeIf(file -> Files.exists(own.resolve(file))
                        || SYSTEM.stream().anyMatch(folder -> Files.exists(Path.of(folder, file))));
        if (!missing.isEmpty()) {
            fetch(missing, own);
        }
        return own.toString();
    }

    private static void fetch(Map<String, List<String>> missing, Path own) {
        Path work = Folders.create(own.resolve("work-" + ProcessHandle.current().pid()));
        String downloads = missing.values().stream()
                .map(names ->
                        names.stream().map(name -> "$apt download " + name).collect(Collectors.joining(" || ")))
                .collect(Collectors.joining("\n"));
        String script = """
                set -e
                cd '%s'
                mkdir -p lists/partial cache/archives/partial
                apt="apt-get -q -o Dir::State::lists=$PWD/lists -o Dir::Cache=$PWD/cache -o Debug::NoLocking=true"
                $apt update
                %s
                for package in *.deb; do dpkg -x "$package" unpacked; done
                """.formatted(work, downloads);
        try {
            ServerProcess.run("libraries", work, List.of("sh", "-c", script), Map.of());
            for (String file : missing.keySet()) {
                // another process may have fetched the same in the meantime: either file is whole
                Files.move(find(work.resolve("unpacked"), file), own.resolve(file), StandardCopyOption.ATOMIC_MOVE);
            }
            Folders.delete(work);
        } catch (Failure | IOException e) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "MySQL needs " + String.join(" and ", missing.keySet()) + ", and fetching it failed (see "
                            + work.resolve("libraries.log")
                            + "). Install it: apt-get install libaio1 libnuma1 (Debian 13, Ubuntu 24: libaio1t64), or dnf install libaio numactl-libs.",
                    e);
        }
    }

    /** The library itself: the name with the number is a link to it. */
    private static Path find(Path folder, String name) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.getFileName().toString().startsWith(name))
                    .findFirst()
                    .orElseThrow(() -> new Failure(Remedy.OPERATOR, "The Debian package holds no " + name))
                    .toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MySqlLibraries() {}
}
