package headwater.capture;

import headwater.lake.contract.Lsn;
import headwater.lake.contract.Operation;
import java.time.Duration;

/** Changes and transactions made up for tests that need no source. */
final class TestingChanges {

    static RawChange change(long order, String after) {
        return change(order, after, Duration.ZERO);
    }

    /** @param capturedAt since 1970-01-01 UTC */
    static RawChange change(long order, String after, Duration capturedAt) {
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
    static void transaction(ChangeBatch batch, long end, int changes) {
        batch.begin();
        for (int order = 1; order <= changes; order++) {
            batch.add(change(order, "{\"v\":\"" + end + "\"}"));
        }
        batch.end(new Lsn(end), end, changes);
    }

    private TestingChanges() {}
}
