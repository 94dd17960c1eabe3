package headwater.publish.demo;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.contract.Lsn;
import headwater.lake.embedded.EmbeddedMySql;
import headwater.lake.embedded.EmbeddedPostgres;
import headwater.lake.embedded.EmbeddedS3;
import headwater.lake.pipeline.Pipeline;
import headwater.publish.status.HopStatus;
import headwater.publish.status.PipelineStatus;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Five million changes wait for a capture whose store is slow, {@code -Dheadwater.catchUpChanges=N} for others: the slot is
 * told of each commit on the way, and what status calls seconds late is the age of the oldest change that raw lacks.
 */
@Tag("nightly")
class CatchUpLagIT {
    private static final Path FOLDER = Path.of("target", "catch-up").toAbsolutePath();
    private static final long CHANGES = Long.getLong("headwater.catchUpChanges", 5_000_000);
    private static final int OF_A_TRANSACTION = 5_000;
    private static final Duration ANSWERS_AFTER = Duration.ofMillis(300);
    private static final int MOMENTS = 10;
    private static final double CLOSE = 0.05;

    private static final String TABLES = """
            tables:
              event: {source: $.event, key: [id], columns: {id: id, v: v}}
            curated:
              events: {key: [id], sql: "SELECT id, v FROM event", affectedBy: {event: "SELECT id FROM changes"}, columns: {id: bigint, v: text}}
            """;

    /** The age at a moment of the oldest transaction that ends after an LSN, by the server's own record of commits. */
    private static final String TRUE_AGE = """
            SELECT extract(epoch FROM ?::timestamptz - pg_xact_commit_timestamp(xid::text::xid))
            FROM ledger.written WHERE within > ?::pg_lsn ORDER BY within LIMIT 1
            """;

    @Test
    void theSlotMovesAndSecondsLateAreTrue() throws Exception {
        try (EmbeddedPostgres postgres =
                        EmbeddedPostgres.start(FOLDER.resolve("postgres"), "track_commit_timestamp=on");
                EmbeddedMySql mySql = EmbeddedMySql.start(FOLDER.resolve("mysql"));
                EmbeddedS3 s3 = EmbeddedS3.start(FOLDER.resolve("s3"));
                BlackHole way = new BlackHole(s3.port())) {
            s3.useInThisJvm();
            Map<String, String> credentials =
                    Map.of("AWS_ACCESS_KEY_ID", s3.accessKey(), "AWS_SECRET_ACCESS_KEY", s3.secretKey());
            String lake = "{root: \"s3a://" + EmbeddedS3.BUCKET + "/late\", options: {fs.s3a.endpoint: \""
                    + way.through(s3.url())
                    + "\", fs.s3a.endpoint.region: us-east-1, fs.s3a.path.style.access: \"true\"}}";
            try (CaseRun run =
                            new CaseRun(postgres, CaseRun.Target.of(mySql), FOLDER, "late", lake, credentials, TABLES);
                    Connection source =
                            DriverManager.getConnection(postgres.url(), EmbeddedPostgres.USER, postgres.password())) {
                run.source(
                        "CREATE SCHEMA late",
                        "CREATE TABLE $.event (id bigint PRIMARY KEY, v text)",
                        "CREATE SCHEMA ledger",
                        "CREATE TABLE ledger.written (within pg_lsn, xid xid8)");
                run.load();
                run.stopCapture();
                write(source);
                way.answerAfter(ANSWERS_AFTER);
                run.startCapture();
                // the looks themselves go another way, or each would take as long as the store
                measure(run.pipeline(way.through(s3.url()), s3.url()), source);
                way.answerAfter(Duration.ZERO);
                run.awaitRaw();
                assertThat(raw(run.status()).rows()).isGreaterThanOrEqualTo(CHANGES);
            }
        }
    }

    private static void write(Connection source) throws SQLException {
        source.setAutoCommit(false);
        try (PreparedStatement insert = source.prepareStatement(
                        "INSERT INTO late.event SELECT g, repeat(md5(g::text), 3) FROM generate_series(?::bigint, ?::bigint) g");
                Statement note = source.createStatement()) {
            for (long from = 1; from <= CHANGES; from += OF_A_TRANSACTION) {
                insert.setLong(1, from);
                insert.setLong(2, Math.min(CHANGES, from + OF_A_TRANSACTION - 1));
                insert.executeUpdate();
                // its commit comes after this place, and the one before it came before
                note.executeUpdate(
                        "INSERT INTO ledger.written VALUES (pg_current_wal_insert_lsn(), pg_current_xact_id())");
                source.commit();
            }
        }
        source.setAutoCommit(true);
    }

    private static void measure(Pipeline pipeline, Connection source) throws Exception {
        long rows = raw(PipelineStatus.of(pipeline)).rows();
        Lsn confirmed = new Lsn(0);
        for (int moment = 1; moment <= MOMENTS; moment++) {
            long wanted = rows + CHANGES * moment / (MOMENTS + 2);
            PipelineStatus status = PipelineStatus.of(pipeline);
            while (raw(status).rows() < wanted) {
                LockSupport.parkNanos(500_000_000);
                status = PipelineStatus.of(pipeline);
            }
            HopStatus raw = raw(status);
            double age = trueAge(source, status.takenAt(), raw.lsn());
            double shown = raw.lag().toMillis() / 1000.0;
            Lsn told = confirmed(source);
            System.out.printf(
                    "moment %d: raw %s, %,d rows, %.1f s late as shown, %.1f s in truth, slot confirmed %s%n",
                    moment, raw.lsn(), raw.rows(), shown, age, told);
            assertThat(Math.abs(shown - age)).as("at moment " + moment).isLessThan(CLOSE * age);
            assertThat(told.isAfter(confirmed)).as("the slot has moved").isTrue();
            confirmed = told;
        }
    }

    private static HopStatus raw(PipelineStatus status) {
        return status.hops().stream()
                .filter(hop -> hop.hop().equals("raw"))
                .findFirst()
                .orElseThrow();
    }

    private static double trueAge(Connection source, Instant moment, Lsn lsn) throws SQLException {
        try (PreparedStatement select = source.prepareStatement(TRUE_AGE)) {
            select.setString(1, moment.toString());
            select.setString(2, lsn.toString());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getDouble(1);
            }
        }
    }

    private static Lsn confirmed(Connection source) throws SQLException {
        try (Statement statement = source.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = 'late'")) {
            row.next();
            return Lsn.parse(row.getString(1));
        }
    }
}
