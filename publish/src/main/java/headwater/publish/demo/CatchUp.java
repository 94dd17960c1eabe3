package headwater.publish.demo;

import headwater.lake.contract.LogicalMessage;
import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.publish.mart.Ledger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/** A moment of the source, and whether MySQL holds everything that was committed up to it. */
public final class CatchUp {
    private static final Lsn NOTHING = new Lsn(0);

    private final Pipeline pipeline;
    private final Lsn fence;

    private CatchUp(Pipeline pipeline, Lsn fence) {
        this.pipeline = pipeline;
        this.fence = fence;
    }

    /** Marks this moment in the source's WAL, so that every hop moves beyond it at once. */
    public static CatchUp mark(Pipeline pipeline) {
        return new CatchUp(pipeline, fence(pipeline));
    }

    /**
     * Waits for a publication that has it all.
     *
     * @param check asked five times a second; fails if there is no use in waiting
     * @return the publication's LSN
     */
    public Lsn await(Duration patience, Runnable check) {
        Instant deadline = Instant.now().plus(patience);
        Lsn published = published();
        while (!published.isAfter(fence)) {
            check.run();
            if (Instant.now().isAfter(deadline)) {
                throw new Failure(
                        Remedy.OPERATOR,
                        "MySQL did not reach " + fence + " within " + patience.toSeconds() + " s (is at " + published
                                + "). \"headwater status\" and the logs show which hop hangs.");
            }
            LockSupport.parkNanos(200_000_000);
            published = published();
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

    private Lsn published() {
        try (Connection target = pipeline.target().open()) {
            return new Ledger(target, pipeline.name())
                    .publication()
                    .map(Ledger.PublicationState::lsn)
                    .orElse(NOTHING);
        } catch (SQLException e) {
            throw new Failure(Remedy.RETRY, "Cannot read the ledger in MySQL: " + e.getMessage(), e);
        }
    }
}
