package headwater.lake.table;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.io.IOException;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.sql.AnalysisException;

/** Tells by what Spark threw who can mend it. */
public final class SparkFailure {
    private static final Pattern STORE_FAILED = Pattern.compile("Service: S3, Status Code: 5\\d\\d");

    /** Runs a step; whatever it throws becomes a {@link Failure} that begins with what could not be done. */
    public static void explain(String step, Runnable work) {
        try {
            work.run();
        } catch (Failure e) {
            throw e;
        } catch (FSError e) {
            // Hadoop's word for a disk that is full or broken; an Error only by its class
            throw of(step, new IOException(e));
        } catch (Exception e) {
            throw of(step, e);
        }
    }

    private static Failure of(String step, Exception thrown) {
        for (Throwable at = thrown; at != null; at = at.getCause()) {
            if (at instanceof AnalysisException) {
                return new Failure(
                        Remedy.OPERATOR,
                        "Cannot " + step + ": " + at.getMessage()
                                + "\nCorrect the SQL or the columns in the pipeline file.",
                        thrown);
            }
            if (at instanceof Failure failure) {
                return failure;
            }
        }
        String reason = Failure.reason(thrown);
        Remedy remedy = RaisedError.isIn(reason) ? Remedy.OPERATOR : Remedy.RETRY;
        return new Failure(remedy, "Cannot " + step + ": " + RaisedError.plain(reason) + hint(reason), thrown);
    }

    /** A store that is full, or broken, answers with a status and no reason. */
    private static String hint(String reason) {
        return STORE_FAILED.matcher(reason).find()
                ? ". The store itself failed: look into its log, and whether its disk is full"
                : "";
    }

    private SparkFailure() {}
}
