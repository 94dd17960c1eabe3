package headwater.publish.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * What Linux tells of a process.
 *
 * @param cpu of all its threads since its start
 * @param peakBytes the most memory that it held
 */
public record ProcessUsage(Duration cpu, long peakBytes) {

    /** Of a process that lives. */
    public static ProcessUsage of(long pid) {
        Duration cpu = ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .orElseThrow(() -> new IllegalStateException("No process " + pid));
        return new ProcessUsage(cpu, peakBytes(pid).orElseThrow());
    }

    /** The most memory that a process held; empty once it has ended. */
    public static OptionalLong peakBytes(long pid) {
        return lines(pid).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findAny();
    }

    private static List<String> lines(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status"));
        } catch (NoSuchFileException ended) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
