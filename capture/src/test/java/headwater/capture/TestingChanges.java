package headwater.capture;

import headwater.capture.raw.ChangeBatch;
import headwater.capture.raw.RawChange;
import headwater.lake.contract.Lsn;
import headwater.lake.contract.Operation;
import java.time.Duration;

/** Changes and transactions made up for tests that need no source. */
public final class TestingChanges {

    public static RawChange change(long order, String after) {
        return change(order, after, Duration.ZERO);
    }

    /**
     * A change of a row.
     *
     * @param capturedAt since 1970-01-01 UTC
     */
    public static RawChange change(long order, String after, Duration capturedAt) {
        return new RawChange(
                7,
                order,
                Operation.CREATE,
                "shop",
                "orders",
                "{\"id\":\"" + order + "\"}",
                null,
                null,
                after,
                null,
                null,
                0,
                capturedAt.toNanos() / 1000,
                "0123456789abcdef");
    }

    /** A whole transaction of so many changes. */
    public static void transaction(ChangeBatch batch, long end, int changes) {
        batch.begin();
        for (int order = 1; order <= changes; order++) {
            batch.add(change(order, "{\"v\":\"" + end + "\"}"));
        }
        batch.end(new Lsn(end), end, changes);
    }

    private TestingChanges() {}
}
