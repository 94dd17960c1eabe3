package headwater.lake;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A process that holds a {@link MergeClaim}.
 *
 * @param place where its pid means something: a boot of a machine and, in a container, that one; "-" if unknown
 * @param host for people
 * @param startedAt of the process, milliseconds since 1970: a pid is given again
 */
record ClaimOwner(String place, String host, long pid, long startedAt) {
    private static final String UNKNOWN = "-";

    static ClaimOwner thisProcess() {
        return of(ProcessHandle.current());
    }

    static ClaimOwner of(ProcessHandle process) {
        return new ClaimOwner(placeOfThisProcess(), nameOfThisHost(), process.pid(), startedAt(process));
    }

    /** Reads what {@link #text()} wrote; more words may follow. */
    static ClaimOwner of(String text) {
        String[] words = text.split(" ", -1);
        try {
            return new ClaimOwner(words[0], words[1], Long.parseLong(words[2]), Long.parseLong(words[3]));
        } catch (ArrayIndexOutOfBoundsException | NumberFormatException e) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot read who merges this lake: an object in state/merge does not hold what headwater writes."
                            + " Make sure that no merge runs, and remove it.",
                    e);
        }
    }

    String text() {
        return place + " " + host + " " + pid + " " + startedAt;
    }

    String name() {
        return "process " + pid + " on " + host + " since " + Instant.ofEpochMilli(startedAt);
    }

    /** Whether the process is known to have ended: only where its pid can be looked up. */
    boolean isDeadHere() {
        Optional<ProcessHandle> same =
                ProcessHandle.of(pid).filter(found -> found.isAlive() && startedAt(found) == startedAt);
        return !place.equals(UNKNOWN) && place.equals(placeOfThisProcess()) && same.isEmpty();
    }

    private static long startedAt(ProcessHandle process) {
        return process.info().startInstant().orElse(Instant.EPOCH).toEpochMilli();
    }

    private static String placeOfThisProcess() {
        try {
            String boot =
                    Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
            return boot + "/" + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
        } catch (IOException | UnsupportedOperationException e) {
            // no Linux, or no rights: the claim then ends by its age
            return UNKNOWN;
        }
    }

    private static String nameOfThisHost() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return UNKNOWN;
        }
    }
}
