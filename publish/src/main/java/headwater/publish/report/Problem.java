package headwater.publish.report;

import headwater.lake.pipeline.TargetSettings;
import headwater.lake.process.Failure;
import java.sql.SQLException;

/** Why a page cannot be shown, in the reader's words, with the HTTP status that says the same to programs. */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int NOT_FOUND = 404;
    private static final int UNAVAILABLE = 503;

    private final int status;
    private final String title;
    private final String advice;

    Problem(int status, String title, String why, String advice) {
        super(why);
        this.status = status;
        this.title = title;
        this.advice = advice;
    }

    int status() {
        return status;
    }

    String title() {
        return title;
    }

    /** What to do. */
    String advice() {
        return advice;
    }

    /** Whether the same page may work in a moment: it then asks again by itself. */
    boolean passes() {
        return status == UNAVAILABLE;
    }

    static Problem unknown(String what, String asked, String known) {
        return new Problem(
                NOT_FOUND,
                "There is no such " + what,
                "No published row has the " + what + " \"" + asked + "\".",
                "Published are: " + known + ".");
    }

    static Problem noSuchPage(String path) {
        return new Problem(
                NOT_FOUND,
                "There is no such page",
                "Nothing is at " + path + ".",
                "The links above lead to all pages.");
    }

    static Problem notInPipeline(String title, String pipeline, String table) {
        return new Problem(
                NOT_FOUND,
                "No " + title + " here",
                "The pipeline " + pipeline + " does not publish the table " + table + ", which this report reads.",
                "Add the table to curated in the pipeline file, as the shipped pipeline medicare-part-d has it.");
    }

    static Problem nothingPublished() {
        return new Problem(
                UNAVAILABLE,
                "Nothing is published yet",
                "The ledger in MySQL has no complete publication.",
                "Run \"./headwater backfill\" once and \"./headwater publish\"; this page then shows it by itself.");
    }

    static Problem noRows() {
        return new Problem(
                UNAVAILABLE,
                "The published tables are empty",
                "A publication is complete, and it holds no rows.",
                "Load rows into the source, with \"./headwater load\" or \"./headwater generate\"; this page then shows"
                        + " them by itself.");
    }

    static Problem otherDownloads() {
        return new Problem(
                UNAVAILABLE,
                "Other downloads are under way",
                "This server sends few files of all rows at a time, so that the pages stay quick.",
                "This page asks again by itself.");
    }

    /** What MySQL's refusal means. */
    static Problem of(SQLException e, TargetSettings reader) {
        String state = String.valueOf(e.getSQLState());
        if (state.equals("42S02")) {
            return new Problem(
                    UNAVAILABLE,
                    "The report tables are not there",
                    "MySQL says: " + e.getMessage() + ".",
                    "Run \"./headwater setup\", then \"./headwater publish\".");
        }
        if (state.startsWith("42")) {
            return new Problem(
                    UNAVAILABLE,
                    "MySQL does not let the reports read",
                    "MySQL says: " + e.getMessage() + ".",
                    "Let an administrator run: GRANT SELECT ON " + reader.database() + ".* TO '" + reader.user()
                            + "'@'%';");
        }
        if (e instanceof java.sql.SQLTimeoutException) {
            return new Problem(
                    UNAVAILABLE,
                    "MySQL takes too long",
                    "A query of this page was given up: " + e.getMessage() + ".",
                    "The server may be busy; the page asks again by itself. \"./headwater setup\" makes missing indexes.");
        }
        return new Problem(
                UNAVAILABLE,
                "MySQL cannot be read",
                "The database at " + reader.url() + " does not answer as " + reader.user() + ": " + Failure.reason(e)
                        + ".",
                "Check that the server runs and that report.user and report.password of the pipeline file are right;"
                        + " this page asks again by itself.");
    }
}
