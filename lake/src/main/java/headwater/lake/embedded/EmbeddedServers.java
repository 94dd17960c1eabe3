package headwater.lake.embedded;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** All three servers of a pipeline, started side by side. */
public final class EmbeddedServers implements AutoCloseable {
    private final EmbeddedPostgres postgres;
    private final EmbeddedS3 s3;
    private final EmbeddedMySql mySql;

    private EmbeddedServers(EmbeddedPostgres postgres, EmbeddedS3 s3, EmbeddedMySql mySql) {
        this.postgres = postgres;
        this.s3 = s3;
        this.mySql = mySql;
    }

    /** Starts new, empty servers below a folder; those of an earlier run in it are ended and their data deleted. */
    public static EmbeddedServers start(Path folder) {
        CompletableFuture<EmbeddedMySql> mySql =
                CompletableFuture.supplyAsync(() -> EmbeddedMySql.start(folder.resolve("mysql")));
        CompletableFuture<EmbeddedPostgres> postgres =
                CompletableFuture.supplyAsync(() -> EmbeddedPostgres.start(folder.resolve("postgres")));
        CompletableFuture<EmbeddedS3> s3 = CompletableFuture.supplyAsync(() -> EmbeddedS3.start(folder.resolve("s3")));
        try {
            return new EmbeddedServers(postgres.join(), s3.join(), mySql.join());
        } catch (CompletionException e) {
            for (CompletableFuture<? extends EmbeddedServer> started : List.of(postgres, s3, mySql)) {
                started.thenAccept(EmbeddedServer::close)
                        .exceptionally(failed -> null)
                        .join();
            }
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    public EmbeddedPostgres postgres() {
        return postgres;
    }

    public EmbeddedS3 s3() {
        return s3;
    }

    public EmbeddedMySql mySql() {
        return mySql;
    }

    /** The environment variables by which the shipped pipeline finds these servers. */
    public Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("HEADWATER_SOURCE_URL", postgres.url());
        environment.put("HEADWATER_SOURCE_USER", EmbeddedPostgres.USER);
        environment.put("HEADWATER_SOURCE_PASSWORD", postgres.password());
        environment.put("HEADWATER_LAKE", "s3a://" + EmbeddedS3.BUCKET + "/partd");
        environment.put("HEADWATER_S3_ENDPOINT", s3.url());
        environment.put("HEADWATER_S3_PATH_STYLE", "true");
        environment.put("AWS_REGION", "us-east-1");
        environment.put("AWS_ACCESS_KEY_ID", s3.accessKey());
        environment.put("AWS_SECRET_ACCESS_KEY", s3.secretKey());
        environment.put("HEADWATER_TARGET_URL", mySql.url());
        environment.put("HEADWATER_TARGET_USER", EmbeddedMySql.USER);
        environment.put("HEADWATER_TARGET_PASSWORD", mySql.password());
        environment.put("HEADWATER_REPORT_USER", EmbeddedMySql.REPORT_USER);
        environment.put("HEADWATER_REPORT_PASSWORD", mySql.reportPassword());
        return environment;
    }

    /** Stops all; their data stays until the next start. */
    @Override
    public void close() {
        CompletableFuture.allOf(
                        CompletableFuture.runAsync(mySql::close),
                        CompletableFuture.runAsync(postgres::close),
                        CompletableFuture.runAsync(s3::close))
                .join();
    }
}
