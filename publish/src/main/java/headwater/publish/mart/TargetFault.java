package headwater.publish.mart;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.sql.DataTruncation;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Turns an error of MySQL into a failure that says who must act. Where a value is the fault, the server's words may quote
 * it, so they are not passed on.
 */
public final class TargetFault {
    /** Deadlock and lock wait time-out. */
    private static final int DEADLOCK = 1213;

    private static final int LOCK_WAIT_TIMEOUT = 1205;
    private static final int NO_SUCH_TABLE = 1146;
    private static final int UNKNOWN_DATABASE = 1049;
    private static final int COLUMN_CANNOT_BE_NULL = 1048;
    private static final int INCORRECT_VALUE = 1366;
    private static final Pattern COLUMN = Pattern.compile("[Cc]olumn '([^']+)'");

    /** Whether the transaction was a victim of another one and may simply be run again. */
    static boolean isVictim(SQLException e) {
        return e.getErrorCode() == DEADLOCK || e.getErrorCode() == LOCK_WAIT_TIMEOUT;
    }

    /**
     * The failure for an error.
     *
     * @param doing what could not be done, such as {@code publish drug_report}
     */
    public static Failure of(String doing, SQLException e) {
        if (isDataFault(e)) {
            Matcher column = COLUMN.matcher(String.valueOf(e.getMessage()));
            return new Failure(
                    Remedy.OPERATOR,
                    "Cannot " + doing + ": column " + (column.find() ? column.group(1) : "(not named)")
                            + " does not take a value that the curated table holds (MySQL error " + e.getErrorCode()
                            + "). Correct its type in the pipeline file, alter the column in MySQL in the same way, and publish again.",
                    e);
        }
        if (e.getErrorCode() == NO_SUCH_TABLE || e.getErrorCode() == UNKNOWN_DATABASE) {
            return new Failure(
                    Remedy.OPERATOR, "Cannot " + doing + ": " + e.getMessage() + ". Run \"headwater setup\" first.", e);
        }
        return new Failure(
                isPassing(e) ? Remedy.RETRY : Remedy.OPERATOR,
                "Cannot " + doing + ": MySQL says \"" + Failure.reason(e) + "\" (error " + e.getErrorCode()
                        + (isPassing(e) ? "). It is safe to try again." : "). Check the server and the user's rights."),
                e);
    }

    /** Class 22 is a value that does not fit. */
    private static boolean isDataFault(SQLException e) {
        return String.valueOf(e.getSQLState()).startsWith("22")
                || e.getErrorCode() == COLUMN_CANNOT_BE_NULL
                || e.getErrorCode() == INCORRECT_VALUE
                || e instanceof DataTruncation;
    }

    /**
     * Lost connections, servers that stop or start, read-only after a failover, killed sessions, victims, full disks, too
     * many connections: codes of <a href="https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html">MySQL's
     * server errors</a>, and 1927 of MariaDB.
     */
    private static boolean isPassing(SQLException e) {
        return isDisconnected(e)
                || isVictim(e)
                || switch (e.getErrorCode()) {
                    case 1053, 1290, 1836, 1317, 1040, 3169 -> true;
                    case 1021, 1114, 1129, 1203, 1226, 1927, 3100 -> true;
                    default -> false;
                };
    }

    /** The driver's first word of it may be another one, such as of a statement that is closed. */
    private static boolean isDisconnected(@Nullable Throwable e) {
        if (e == null) {
            return false;
        }
        boolean lost = e instanceof SQLException error
                && String.valueOf(error.getSQLState()).startsWith("08");
        return lost
                || isDisconnected(e.getCause())
                || Stream.of(e.getSuppressed()).anyMatch(TargetFault::isDisconnected);
    }

    private TargetFault() {}
}
