package headwater.lake.store;

import headwater.lake.pipeline.LakeSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.s3a.UnknownStoreException;

/** Whether a lake can be reached, found out in seconds: Hadoop by itself tries an absent store again for minutes. */
public final class LakeAccess {

    /**
     * One request for the lake's root, with few retries.
     *
     * @throws Failure RETRY if the store does not answer, OPERATOR if it refuses or the bucket does not exist
     */
    public static void require(LakeSettings lake) {
        try (FileSystem store = FileSystem.newInstance(URI.create(lake.root()), impatient(lake))) {
            store.getFileStatus(new Path(lake.root()));
        } catch (UnknownStoreException e) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot use the lake at " + lake.root()
                            + ": the bucket does not exist. Correct lake.root, or run \"headwater setup\", which makes the bucket.",
                    e);
        } catch (FileNotFoundException nothingWrittenYet) {
            return;
        } catch (AccessDeniedException e) {
            throw new Failure(Remedy.OPERATOR, refused(lake, e), e);
        } catch (IOException e) {
            throw unreachable(lake, e);
        }
    }

    static Failure unreachable(LakeSettings lake, IOException e) {
        return new Failure(
                Remedy.RETRY,
                "Cannot reach the lake at " + lake.root() + endpoint(lake) + ": " + Failure.reason(e)
                        + ". Check that the store is up, and lake.root and lake.options of the pipeline file.",
                e);
    }

    /** A configuration with which a store that is down is found out soon. */
    public static Configuration impatient(LakeSettings lake) {
        Configuration configuration = LakeConfiguration.of(lake);
        configuration.set("fs.s3a.attempts.maximum", "1");
        configuration.set("fs.s3a.retry.limit", "1");
        // the least that S3A takes
        configuration.set("fs.s3a.connection.establish.timeout", "15s");
        configuration.set("fs.s3a.connection.timeout", "15s");
        return configuration;
    }

    private static String refused(LakeSettings lake, AccessDeniedException thrown) {
        String reason = Failure.reason(thrown);
        // the SDK's own words list every place where it looked
        String why = reason.contains("Unable to load credentials")
                ? "there are no AWS credentials"
                : "the store refuses the AWS credentials: " + reason;
        return "Cannot use the lake at " + lake.root() + endpoint(lake) + ": " + why
                + ". Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role with rights to read, write, list and"
                + " delete there.";
    }

    private static String endpoint(LakeSettings lake) {
        String endpoint = lake.options().getOrDefault("fs.s3a.endpoint", "");
        return endpoint.isEmpty() ? "" : " (endpoint " + endpoint + ")";
    }

    private LakeAccess() {}
}
