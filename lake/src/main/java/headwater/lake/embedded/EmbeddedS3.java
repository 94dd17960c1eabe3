package headwater.lake.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * S3Proxy over a local folder: checks signatures and honours If-None-Match atomically. Has one bucket,
 * {@value #BUCKET}.
 */
public final class EmbeddedS3 implements EmbeddedServer {
    public static final String BUCKET = "headwater";

    private static final String NAME = "s3";
    /** One line of Prometheus' text format for each operation, as OpenTelemetry names the durations of a server's requests. */
    private static final Pattern COUNT =
            Pattern.compile("http_server_request_duration_seconds_count\\{.*?s3_operation=\"(\\w+)\".*?} ([0-9.eE+]+)");

    private final Path folder;
    private final Path jar;
    private final int port = ServerProcess.freePort();
    private final int metricsPort = ServerProcess.freePort();
    private final String accessKey = Passwords.random();
    private final String secretKey = Passwords.random();

    @SuppressWarnings("NullAway.Init") // start() calls restart(), which sets it, before anybody has the server
    private ServerProcess process;

    private EmbeddedS3(Path folder, Path jar) {
        this.folder = folder;
        this.jar = jar;
    }

    /** Starts a new server with an empty bucket; what an earlier run left in {@code folder} is ended and deleted. */
    public static EmbeddedS3 start(Path folder) {
        ServerProcess.endLeftover(NAME, folder);
        Folders.delete(folder);
        Path objects = folder.resolve("objects");
        Folders.create(objects.resolve(BUCKET));
        EmbeddedS3 server =
                new EmbeddedS3(folder, ServerArtifact.named("s3proxy").jar());
        Folders.write(folder.resolve("s3proxy.conf"), """
                s3proxy.endpoint=%s
                s3proxy.authorization=aws-v4
                s3proxy.identity=%s
                s3proxy.credential=%s
                jclouds.provider=filesystem-nio2
                jclouds.filesystem.basedir=%s
                s3proxy.metrics.enabled=true
                s3proxy.metrics.host=127.0.0.1
                s3proxy.metrics.port=%d
                """.formatted(
                        server.url(), server.accessKey, server.secretKey, objects, server.metricsPort));
        server.restart();
        return server;
    }

    @Override
    public int port() {
        return port;
    }

    /** The endpoint, path style. */
    @Override
    public String url() {
        return "http://127.0.0.1:" + port;
    }

    public String accessKey() {
        return accessKey;
    }

    public String secretKey() {
        return secretKey;
    }

    /** How often it was asked since its start, by S3's name of the operation, such as {@code HeadObject}. */
    public Map<String, Long> requests() {
        URI metrics = URI.create("http://127.0.0.1:" + metricsPort + "/metrics");
        Map<String, Long> counts = new TreeMap<>();
        try (InputStream answer = metrics.toURL().openStream()) {
            Matcher line = COUNT.matcher(new String(answer.readAllBytes(), StandardCharsets.UTF_8));
            while (line.find()) {
                counts.merge(line.group(1), (long) Double.parseDouble(line.group(2)), Long::sum);
            }
            return counts;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + metrics, e);
        }
    }

    /** The folder that holds each object as a file. */
    public Path objects() {
        return folder.resolve("objects").resolve(BUCKET);
    }

    /** Gives this JVM the credentials: the AWS default chain reads system properties. */
    public void useInThisJvm() {
        System.setProperty("aws.accessKeyId", accessKey);
        System.setProperty("aws.secretAccessKey", secretKey);
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public boolean alive() {
        return process.alive();
    }

    @Override
    public void kill() {
        process.kill();
    }

    @Override
    public void restart() {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                // small requests on a machine that others need more
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-DLOG_LEVEL=warn",
                "-jar",
                jar.toString(),
                "--properties",
                folder.resolve("s3proxy.conf").toString());
        process = ServerProcess.start(NAME, folder, command, Map.of()).awaitReady(this::answers);
    }

    @Override
    public void close() {
        process.stop("TERM");
    }

    private boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
