package headwater.publish.bench.capture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What Linux tells of a process.
 *
 * @param cpu of all its threads since its start
 * @param peakBytes the most memory that it held
 */
record ProcessUsage(Duration cpu, long peakBytes) {

    /** Of a process that lives. */
    static ProcessUsage of(long pid) {
        Duration cpu = ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .orElseThrow(() -> new IllegalStateException("No process " + pid));
        try {
            String peak = Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .findAny()
                    .orElseThrow();
            return new ProcessUsage(cpu, Long.parseLong(peak.replaceAll("\\D", "")) << 10);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
