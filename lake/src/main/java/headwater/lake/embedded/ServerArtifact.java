package headwater.lake.embedded;

import headwater.lake.process.Failure;
import headwater.lake.process.Home;
import headwater.lake.process.Remedy;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** A server's binaries: a jar that the build put into lake/target/servers, unpacked once per version. */
final class ServerArtifact {
    private final Path jar;

    ServerArtifact(Path jar) {
        this.jar = jar;
    }

    /** The jar whose name begins with the artifact's. */
    static ServerArtifact named(String artifact) {
        Path folder = Home.folder().resolve("lake/target/servers");
        try (Stream<Path> jars = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
            return jars.filter(jar -> jar.getFileName().toString().startsWith(artifact))
                    .findFirst()
                    .map(ServerArtifact::new)
                    .orElseThrow(() -> new Failure(
                            Remedy.OPERATOR,
                            "Cannot start the embedded servers: " + artifact + " is not in " + folder
                                    + ". Run ./mvnw package once."));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path jar() {
        return jar;
    }

    /** The folder with the content of the tar archive inside the jar, unpacked if it is not there yet. */
    Path unpack(String archive) {
        String name = jar.getFileName().toString().replace(".jar", "");
        Path unpacked = Home.data().resolve("servers").resolve(name);
        if (Files.isDirectory(unpacked)) {
            return unpacked;
        }
        Path partial = unpacked.resolveSibling(
                name + ".part-" + ProcessHandle.current().pid());
        try (JarFile open = new JarFile(jar.toFile())) {
            ZipEntry entry = open.getEntry(archive);
            if (entry == null) {
                throw new Failure(Remedy.BUG, jar + " holds no " + archive);
            }
            try (InputStream in = open.getInputStream(entry)) {
                untar(decompress(archive, in), partial);
            }
            Folders.publish(partial, unpacked);
            return unpacked;
        } catch (IOException e) {
            throw new Failure(Remedy.OPERATOR, "Cannot unpack " + jar + " into " + unpacked + ": " + e.getMessage(), e);
        }
    }

    private static InputStream decompress(String archive, InputStream in) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(in, 1 << 16);
        return archive.endsWith(".txz")
                ? new XZCompressorInputStream(buffered)
                : new GzipCompressorInputStream(buffered);
    }

    private static void untar(InputStream in, Path folder) throws IOException {
        Files.createDirectories(folder);
        try (TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path target = folder.resolve(entry.getName()).normalize();
                if (!target.startsWith(folder)) {
                    throw new IOException(entry.getName() + " points outside the archive");
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    write(entry, tar, target);
                }
            }
        }
    }

    private static void write(TarArchiveEntry entry, TarArchiveInputStream tar, Path target) throws IOException {
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else {
            Files.copy(tar, target, StandardCopyOption.REPLACE_EXISTING);
            boolean executable = (entry.getMode() & 0100) != 0;
            Files.setPosixFilePermissions(
                    target, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
        }
    }
}
