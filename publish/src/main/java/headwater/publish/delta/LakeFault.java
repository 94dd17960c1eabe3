package headwater.publish.delta;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;

/** Turns what Delta Kernel and Hadoop throw into a failure that says who must act. */
public final class LakeFault {

    /** The failure for an error while reading the lake; an error that has nothing to do with it is returned as it is. */
    public static RuntimeException of(String doing, String root, RuntimeException thrown) {
        if (thrown instanceof Failure || !isCausedBy(thrown, IOException.class)) {
            return thrown;
        }
        boolean denied = isCausedBy(thrown, AccessDeniedException.class);
        return new Failure(
                denied ? Remedy.OPERATOR : Remedy.RETRY,
                "Cannot " + doing + ": the lake at " + root + " cannot be read: " + Failure.reason(thrown)
                        + (denied
                                ? ". Check the credentials and their rights on it."
                                : ". Check that lake.root and lake.options are right and the store is up; it is safe to try again."),
                thrown);
    }

    /** Whether a file that was listed is gone. */
    public static boolean isMissingFile(RuntimeException thrown) {
        return isCausedBy(thrown, FileNotFoundException.class);
    }

    private static boolean isCausedBy(Throwable thrown, Class<? extends Throwable> kind) {
        for (Throwable at = thrown; at != null; at = at.getCause()) {
            if (kind.isInstance(at)) {
                return true;
            }
        }
        return false;
    }

    private LakeFault() {}
}
