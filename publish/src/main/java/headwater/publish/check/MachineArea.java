package headwater.publish.check;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Home;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** This machine: room on the disks that Headwater writes to. */
record MachineArea(Pipeline pipeline) implements PipelineCheck.Area {
    private static final long GIGABYTE = 1L << 30;
    /** Logs, and transactions that are larger than memory until they end. */
    private static final long FOR_DATA = 5 * GIGABYTE;

    private static final long FOR_LAKE = 20 * GIGABYTE;

    @Override
    public void look(Findings findings) {
        lookForRoom("logs and spooled transactions", Home.data(), FOR_DATA, findings);
        URI root = URI.create(pipeline.lake().root());
        if (root.getScheme().equals("file")) {
            lookForRoom("the lake", Path.of(root.getPath()), FOR_LAKE, findings);
        }
    }

    /** Of the folder, or where it will be made. */
    static void lookForRoom(String what, Path folder, long wanted, Findings findings) {
        Path nearest = folder.toAbsolutePath();
        while (nearest.getParent() != null && !Files.exists(nearest)) {
            nearest = nearest.getParent();
        }
        try {
            long free = Files.getFileStore(nearest).getUsableSpace();
            String text = "Disk: " + folder + " (" + what + ") has " + gigabytes(free) + " free";
            if (free < wanted) {
                findings.warning(text + ", less than " + gigabytes(wanted)
                        + ": Headwater stops where it is full. Make room, or move it to a larger disk.");
            } else {
                findings.fine(text + ": ok");
            }
        } catch (IOException e) {
            findings.warning("Disk: the free space of " + folder + " cannot be told: " + e.getMessage()
                    + ". Look at it yourself.");
        }
    }

    private static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GB", (double) bytes / GIGABYTE);
    }
}
