package headwater.lake.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The pid and the start time of a child process in a file, by which a later run ends what a killed run left behind. A pid
 * that was given to another process since is recognised by the start time.
 */
public record PidFile(Path file) {

    /** Remembers a process that has just been started. */
    public void write(ProcessHandle process) {
        try {
            Files.writeString(file, process.pid() + " " + startedAt(process));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills the process of an earlier run with its children, if it still lives. */
    public void endLeftover() {
        if (!Files.exists(file)) {
            return;
        }
        try {
            String[] parts = Files.readString(file).strip().split(" ", 2);
            long recorded = Long.parseLong(parts[1]);
            ProcessHandle.of(Long.parseLong(parts[0]))
                    .filter(found -> startedAt(found) == recorded)
                    .ifPresent(PidFile::kill);
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** kill -9 of a process and its children; returns when they have ended. */
    public static void kill(ProcessHandle process) {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        // the completion of onExit polls a grandchild every 300 ms
        while (process.isAlive() || children.stream().anyMatch(ProcessHandle::isAlive)) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static long startedAt(ProcessHandle process) {
        return process.info().startInstant().orElse(Instant.EPOCH).toEpochMilli();
    }
}
