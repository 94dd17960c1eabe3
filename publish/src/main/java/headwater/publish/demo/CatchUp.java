package headwater.publish.demo;

import headwater.lake.contract.LogicalMessage;
import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.publish.Ledger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** Waits until MySQL holds everything that the source has committed up to now. */
public final class CatchUp {
    private static final Lsn NOTHING = new Lsn(0);

    /**
     * Marks this moment in the source's WAL and waits until a publication is complete beyond it.
     *
     * @return the LSN of that publication
     */
    public static Lsn await(Pipeline pipeline, Duration patience) {
        Lsn fence = fence(pipeline);
        Instant deadline = Instant.now().plus(patience);
        Lsn published = published(pipeline);
        while (!published.isAfter(fence)) {
            if (Instant.now().isAfter(deadline)) {
                throw new Failure(
                        Remedy.OPERATOR,
                        "MySQL did not reach " + fence + " within " + patience.toSeconds() + " s (is at " + published
                                + "). \"headwater status\" and the logs show which hop hangs.");
            }
            pause();
            published = published(pipeline);
        }
        return published;
    }

    /** The position of a message that is still within its transaction: a commit that ends after it has all before it. */
    private static Lsn fence(Pipeline pipeline) {
        try (Connection source = pipeline.source().open();
                PreparedStatement emit =
                        source.prepareStatement("SELECT pg_logical_emit_message(true, ?, 'catch up')::text")) {
            emit.setString(1, LogicalMessage.FENCE);
            try (ResultSet result = emit.executeQuery()) {
                result.next();
                return Lsn.parse(result.getString(1));
            }
        } catch (SQLException e) {
            throw new Failure(Remedy.RETRY, "Cannot write a message into PostgreSQL's WAL: " + e.getMessage(), e);
        }
    }

    private static Lsn published(Pipeline pipeline) {
        try (Connection target = pipeline.target().open()) {
            return new Ledger(target, pipeline.name())
                    .publication()
                    .map(Ledger.Publication::lsn)
                    .orElse(NOTHING);
        } catch (SQLException e) {
            throw new Failure(Remedy.RETRY, "Cannot read the ledger in MySQL: " + e.getMessage(), e);
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Remedy.OPERATOR, "Interrupted while waiting for MySQL to catch up", e);
        }
    }

    private CatchUp() {}
}
