package headwater.publish.bench.merge;

import headwater.lake.embedded.EmbeddedS3;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a store was asked and holds, counted at the server.
 *
 * @param requests by S3's name of the operation
 * @param objects size of each object by its place
 */
record StoreUse(Map<String, Long> requests, Map<String, Long> objects) {
    static StoreUse of(EmbeddedS3 store) {
        return new StoreUse(store.requests(), objects(store.objects()));
    }

    /** What was asked in between, and what is there now that was not, with the size that it has. */
    StoreUse since(StoreUse before) {
        Map<String, Long> asked = new TreeMap<>();
        requests.forEach((operation, count) -> {
            long more = count - before.requests.getOrDefault(operation, 0L);
            if (more > 0) {
                asked.put(operation, more);
            }
        });
        Map<String, Long> written = new HashMap<>(objects);
        written.entrySet().removeAll(before.objects.entrySet());
        return new StoreUse(asked, written);
    }

    double asked() {
        return requests.values().stream().mapToLong(Long::longValue).sum();
    }

    double megabytes() {
        return objects.values().stream().mapToLong(Long::longValue).sum() / 1e6;
    }

    /** Such as {@code 93 requests (GetObject 40, ListObjectsV2 20, PutObject 33), 33 objects, 1.2 MB}. */
    @Override
    public String toString() {
        String kinds = requests.entrySet().stream()
                .map(kind -> kind.getKey() + " " + kind.getValue())
                .collect(Collectors.joining(", "));
        return String.format("%,.0f requests (%s), %d objects of %.2f MB", asked(), kinds, objects.size(), megabytes());
    }

    private static Map<String, Long> objects(Path folder) {
        Map<String, Long> sizes = new HashMap<>();
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    sizes.put(folder.relativize(file).toString(), attributes.size());
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException gone) {
                    // renamed or deleted since it was listed
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sizes;
    }
}
