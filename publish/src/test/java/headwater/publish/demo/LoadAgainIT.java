package headwater.publish.demo;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedServers;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A table is loaded again while capture, merge and publish run and the source changes: nobody is stopped. */
@Tag("nightly")
class LoadAgainIT {
    private static final Path FOLDER = Path.of("target", "load-again").toAbsolutePath();
    private static final Path LOGS = FOLDER.resolve("logs");
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long FAR = 1_000_000_000_000L;
    /** More claims than all other rows have. */
    private static final long MANY = 1_000_000;

    private static final String TABLE = "prescriber_drug";

    private static EmbeddedServers servers;
    private static Pipeline pipeline;
    private static List<HeadwaterProcess> services = List.of();

    @BeforeAll
    static void start() {
        servers = EmbeddedServers.start(FOLDER.resolve("servers"));
        servers.s3().useInThisJvm();
        pipeline = PipelineFile.read(PipelineFile.SHIPPED, servers.environment()::get);
        run("generate", "--rows", "3000");
        run("setup");
        services = List.of(
                process("capture"),
                process("merge", "--backfill", "--every", "500ms"),
                process("publish", "--every", "500ms"));
    }

    @AfterAll
    static void stop() {
        services.forEach(HeadwaterProcess::kill);
        servers.close();
    }

    @Test
    void aTableThatHandsHaveChangedIsAsInTheSourceAfterALoadUnderTraffic() {
        try (HeadwaterProcess traffic = process("generate", "--changes", "50")) {
            awaitEverything();
            new LakeByHand(pipeline.lake()).moveRows(pipeline.layout().cleansed(TABLE), "id", FAR);
            assertThat(inventedRows()).as("rows invented by hand").isGreaterThan(500);

            loadAgain();

            assertThat(traffic.alive())
                    .as("the traffic goes on through all of it")
                    .isTrue();
        }
        awaitEverything();
        assertThat(inventedRows()).isZero();
        assertThatTheMartEqualsTheSource();
    }

    /**
     * The commit is in the WAL and on its way through the pipeline, and a snapshot does not show it yet: one that stood at
     * the WAL's end would take the change back.
     */
    @Test
    void aCommitThatHangsOnASynchronousStandbyIsNotLost() throws Exception {
        try (Connection superuser = servers.postgres().openAsSuperuser();
                Statement statement = superuser.createStatement()) {
            // the pipeline's own sessions go on
            statement.execute("ALTER ROLE headwater SET synchronous_commit = local");
            awaitEverything();
            standby(statement, "'nobody'");
            CompletableFuture<Integer> commit = CompletableFuture.supplyAsync(LoadAgainIT::claimMany);
            await("the commit hangs", () -> isTrue(statement, "wait_event = 'SyncRep'", "pg_stat_activity"));
            awaitEverything();
            assertThat(claimsInTheMart()).as("the change has passed the merge").isGreaterThan(MANY);
            CompletableFuture<Void> load = CompletableFuture.runAsync(LoadAgainIT::loadAgain);
            await(
                    "the load takes its snapshot",
                    () -> isTrue(statement, "slot_name LIKE 'headwater_load_%'", "pg_replication_slots"));
            assertThat(commit).isNotDone();
            assertThat(load).isNotDone();
            standby(statement, "DEFAULT");

            assertThat(get(commit)).isEqualTo(1);
            get(load);
        }
        awaitEverything();
        assertThat(claimsInTheMart()).isGreaterThan(MANY);
        assertThatTheMartEqualsTheSource();
    }

    private static void standby(Statement superuser, String name) throws SQLException {
        superuser.execute("ALTER SYSTEM SET synchronous_standby_names TO " + name);
        superuser.execute("SELECT pg_reload_conf()");
        String wanted = name.equals("DEFAULT") ? "" : "nobody";
        await(
                "synchronous_standby_names is " + name,
                () -> isTrue(
                        superuser, "name = 'synchronous_standby_names' AND setting = '" + wanted + "'", "pg_settings"));
    }

    private static int claimMany() {
        try (Connection application = servers.postgres().openAsSuperuser();
                Statement statement = application.createStatement()) {
            return statement.executeUpdate("UPDATE cms.prescriber_drug SET tot_clms = " + 2 * MANY
                    + " WHERE id = (SELECT min(id) FROM cms.prescriber_drug"
                    + " WHERE prscrbr_type IS NOT NULL AND brnd_name IS NOT NULL AND gnrc_name IS NOT NULL)");
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static long claimsInTheMart() {
        try (Connection mart = pipeline.target().open();
                Statement statement = mart.createStatement();
                ResultSet row = statement.executeQuery("SELECT max(total_claims) FROM state_summary")) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isTrue(Statement statement, String condition, String view) {
        try (ResultSet row = statement.executeQuery("SELECT count(*) > 0 FROM " + view + " WHERE " + condition)) {
            row.next();
            return row.getBoolean(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static void loadAgain() {
        UnfinishedWork applying = new UnfinishedWork(LOGS.resolve("merge.log"), "Applied load", "(never)");
        long from = applying.length();
        run("backfill", "--table", TABLE);
        await("the merge applies the load", () -> applying.open(from));
    }

    private static long inventedRows() {
        return new LakeRows(pipeline.lake())
                .of(pipeline.layout().cleansed(TABLE)).stream()
                        .filter(row -> Long.parseLong(row.get("id")) >= FAR
                                && row.get("_deleted").equals("false"))
                        .count();
    }

    private static void assertThatTheMartEqualsTheSource() {
        services.forEach(HeadwaterProcess::checkRunning);
        MartProof proof = MartProof.of(pipeline);
        assertThat(proof.differences()).isEmpty();
        assertThat(proof.rows().values()).allMatch(rows -> rows > 0);
    }

    private static void awaitEverything() {
        CatchUp.mark(pipeline).await(PATIENCE, () -> services.forEach(HeadwaterProcess::checkRunning));
    }

    private static void await(String what, BooleanSupplier condition) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as(what + " within " + PATIENCE).isBefore(deadline);
            LockSupport.parkNanos(200_000_000);
        }
    }

    private static <T> T get(CompletableFuture<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static void run(String command, String... options) {
        try (HeadwaterProcess process = process(command, options)) {
            process.awaitSuccess();
        }
    }

    private static HeadwaterProcess process(String command, String... options) {
        return HeadwaterProcess.start(LOGS, servers.environment(), command, options);
    }
}
