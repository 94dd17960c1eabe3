package headwater.lake.process;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one exception that a command ends with: its message says the problem, why with the values, and what to do; its
 * remedy says who must act.
 */
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Remedy remedy;

    public Failure(Remedy remedy, String message) {
        super(message);
        this.remedy = remedy;
    }

    public Failure(Remedy remedy, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.remedy = remedy;
    }

    /** The problem, why with the values, and what to do; never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    public Remedy remedy() {
        return remedy;
    }

    /** 2 for wrong use or configuration, 3 where a person must act before the command can succeed, else 1. */
    public int exitCode() {
        return switch (remedy) {
            case USAGE -> 2;
            case OPERATOR -> 3;
            case RETRY, BUG -> 1;
        };
    }

    /** The message of the innermost cause that has one, without a full stop: what the server or driver said. */
    public static String reason(Throwable thrown) {
        String reason = thrown.getClass().getSimpleName();
        for (Throwable at = thrown; at != null; at = at.getCause()) {
            if (at.getMessage() != null && !at.getMessage().isBlank()) {
                reason = at.getMessage().strip();
            }
        }
        return reason.replaceFirst("\\.+$", "");
    }
}
