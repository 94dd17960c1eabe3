package headwater.publish.check;

import headwater.lake.pipeline.LakeSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** The bucket of a lake on S3. S3A cannot make one, so this uses the SDK with the same settings. */
public final class LakeBucket {
    private static final Logger LOG = LoggerFactory.getLogger(LakeBucket.class);
    private static final int NOT_FOUND = 404;

    private final LakeSettings lake;

    public LakeBucket(LakeSettings lake) {
        this.lake = lake;
    }

    /** Whether it was absent and is there now. */
    public boolean createIfAbsent(String bucket) {
        try (S3Client s3 = client()) {
            if (exists(s3, bucket)) {
                return false;
            }
            s3.createBucket(request -> request.bucket(bucket).createBucketConfiguration(configuration -> {
                if (!region().equals(Region.US_EAST_1)) {
                    configuration.locationConstraint(region().id());
                }
            }));
            return true;
        } catch (SdkException e) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot use the bucket " + bucket + " of lake.root: " + Failure.reason(e)
                            + ". Create it, or check fs.s3a.endpoint and fs.s3a.endpoint.region in lake.options, the AWS credentials and their rights.",
                    e);
        }
    }

    /** What to say of the store's clock; nothing of one that does not tell its time. */
    Optional<String> clock() {
        try (S3Client s3 = client()) {
            Instant before = Instant.now();
            return s3.headBucket(
                            request -> request.bucket(URI.create(lake.root()).getHost()))
                    .sdkHttpResponse()
                    .firstMatchingHeader("Date")
                    .flatMap(LakeBucket::instant)
                    .flatMap(shown -> new ServerClock("the lake's store", shown).warning(before, Instant.now()));
        } catch (SdkException e) {
            LOG.debug("The store did not tell its time", e);
            return Optional.empty();
        }
    }

    private static Optional<Instant> instant(String header) {
        try {
            return Optional.of(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(header)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static boolean exists(S3Client s3, String bucket) {
        try {
            s3.headBucket(request -> request.bucket(bucket));
            return true;
        } catch (NoSuchBucketException e) {
            return false;
        } catch (S3Exception e) {
            if (e.statusCode() == NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    private S3Client client() {
        S3ClientBuilder builder = S3Client.builder()
                .region(region())
                .forcePathStyle(Boolean.valueOf(option("fs.s3a.path.style.access", "false")))
                .overrideConfiguration(limits ->
                        limits.apiCallTimeout(Duration.ofSeconds(20)).apiCallAttemptTimeout(Duration.ofSeconds(8)));
        String endpoint = option("fs.s3a.endpoint", "");
        if (!endpoint.isEmpty()) {
            builder.endpointOverride(URI.create(endpoint.contains("://") ? endpoint : "https://" + endpoint));
        }
        return builder.build();
    }

    private Region region() {
        return Region.of(option("fs.s3a.endpoint.region", "us-east-1"));
    }

    private String option(String name, String otherwise) {
        String value = lake.options().getOrDefault(name, "");
        return value.isEmpty() ? otherwise : value;
    }
}
