package headwater.lake.pipeline;

import headwater.lake.process.Secret;
import java.time.Duration;

/**
 * Who reads for reports.
 *
 * @param user with the right to SELECT in the target database and no other; empty if reports read as the target's user
 * @param staleAfter a publication older than this is shown as stale
 */
public record ReportSettings(String user, Secret password, Duration staleAfter) {

    public boolean hasUser() {
        return !user.isEmpty();
    }
}
