package headwater.lake.load;

import java.util.concurrent.locks.LockSupport;

/** Holds a reader back to a rate, so that a busy source keeps its cores and disks. */
final class Pace {
    private static final int BETWEEN_LOOKS = 256;

    private final double nanosPerRow;
    private final long startedAt = System.nanoTime();
    private long rows;

    /** @param rate most rows a second, 0 for no limit */
    Pace(double rate) {
        this.nanosPerRow = rate == 0 ? 0 : 1e9 / rate;
    }

    void rowDone() {
        rows++;
        if (nanosPerRow > 0 && rows % BETWEEN_LOOKS == 0) {
            long early = (long) (rows * nanosPerRow) - (System.nanoTime() - startedAt);
            if (early > 0) {
                LockSupport.parkNanos(early);
            }
        }
    }
}
