package headwater.capture;

import headwater.lake.embedded.EmbeddedPostgres;
import headwater.lake.embedded.EmbeddedS3;
import headwater.lake.embedded.EmbeddedServer;
import java.nio.file.Path;

/** The servers of all tests of this JVM, started when first asked for. */
public final class TestingServers {
    private static final Path FOLDER = Path.of("target/it/servers").toAbsolutePath();

    private static EmbeddedPostgres postgres;
    private static EmbeddedS3 s3;

    public static synchronized EmbeddedPostgres postgres() {
        if (postgres == null) {
            postgres = closedWithTheJvm(
                    EmbeddedPostgres.start(FOLDER.resolve("postgres"), "max_prepared_transactions=10"));
        }
        return postgres;
    }

    static synchronized EmbeddedS3 s3() {
        if (s3 == null) {
            s3 = closedWithTheJvm(EmbeddedS3.start(FOLDER.resolve("s3")));
            s3.useInThisJvm();
        }
        return s3;
    }

    private static <S extends EmbeddedServer> S closedWithTheJvm(S server) {
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        return server;
    }

    private TestingServers() {}
}
