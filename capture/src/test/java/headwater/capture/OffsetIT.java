package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.capture.engine.EngineProperties;
import headwater.capture.engine.OffsetStore;
import headwater.lake.contract.Lsn;
import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.ChangeConsumer;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.StopEngineException;
import io.debezium.engine.format.ChangeEventFormat;
import io.debezium.engine.spi.OffsetCommitPolicy;
import java.io.StringReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.FileOffsetBackingStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;

/**
 * What a Debezium engine loses at a restart from its own offset, and that it loses nothing from the offset that capture
 * hands it. A Debezium that has mended these ways to lose rows makes this test fail, and {@link OffsetStore} needless.
 */
class OffsetIT {
    /** Who says where a restarted engine begins. */
    enum Offsets {
        /** Debezium: at the record that was processed last. */
        DEBEZIUM,
        /** Capture: at the end of the last whole transaction. */
        HEADWATER
    }

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void aRestartInTheMiddleOfACopy(Offsets offsets) throws Exception {
        try (TestingSource source = source();
                Connection connection = source.open()) {
            Delivery delivery = new Delivery(source);
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY " + source.name() + ".a FROM STDIN", new StringReader("1\n2\n3\n4\n5\n"));
            delivery.run(properties(source, offsets, delivery), record -> row(record) == 2);
            source.execute("INSERT INTO $.a VALUES (6)");

            delivery.run(properties(source, offsets, delivery), record -> row(record) == 6);

            assertMissing(delivery.missing(5), offsets, List.of(3, 4, 5));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRestartAtTheEndOfATransactionWithinAnother(Offsets offsets) throws Exception {
        try (TestingSource source = source();
                Connection early = source.open();
                Statement open = early.createStatement()) {
            Delivery delivery = new Delivery(source);
            early.setAutoCommit(false);
            String insert = "INSERT INTO " + source.name() + ".a VALUES ";
            open.execute(insert + "(2)");
            source.execute("INSERT INTO $.a VALUES (1)");
            // stands at the very LSN where the other transaction has ended
            open.execute(insert + "(3)");
            delivery.run(properties(source, offsets, delivery), OffsetIT::isEnd);
            early.commit();
            source.execute("INSERT INTO $.a VALUES (4)");

            delivery.run(properties(source, offsets, delivery), record -> row(record) == 4);

            assertMissing(delivery.missing(3), offsets, List.of(2, 3));
        }
    }

    /** Capture's own receiver under such an exception is in {@link StoreFaultsIT}. */
    @Test
    void anEngineForgetsTheBatchThatItsConsumerWantsToSeeAgain() throws Exception {
        try (TestingSource source = source()) {
            Delivery delivery = new Delivery(source);
            source.execute("INSERT INTO $.a SELECT generate_series(1, 20)");
            Properties properties = properties(source, Offsets.DEBEZIUM, delivery);
            properties.setProperty("max.batch.size", "4");
            properties.remove("errors.max.retries");
            delivery.failAt(10);

            delivery.run(properties, record -> row(record) == 20);

            assertThat(delivery.missing(20)).contains(10).hasSizeBetween(1, 4);
        }
    }

    private static TestingSource source() throws SQLException {
        return new TestingSource(List.of("a"), "CREATE TABLE $.a (id int PRIMARY KEY)");
    }

    private static void assertMissing(List<Integer> missing, Offsets offsets, List<Integer> lostByDebezium) {
        System.out.printf("offset of %s: rows never delivered: %s%n", offsets, missing);
        assertThat(missing).isEqualTo(offsets == Offsets.DEBEZIUM ? lostByDebezium : List.of());
    }

    /** Those of capture; for Debezium's own offset with its own store. */
    private Properties properties(TestingSource source, Offsets offsets, Delivery delivery) {
        Properties properties = EngineProperties.of(source.pipeline(folder), delivery.end, Map.of());
        if (offsets == Offsets.DEBEZIUM) {
            properties.setProperty("offset.storage", FileOffsetBackingStore.class.getName());
            properties.setProperty(
                    "offset.storage.file.filename", folder.resolve("offsets").toString());
        }
        return properties;
    }

    /** The id of an inserted row, or 0. */
    private static int row(SourceRecord record) {
        return record.value() instanceof Struct value && value.schema().field("after") != null
                ? Integer.parseInt(value.getStruct("after").get("id").toString())
                : 0;
    }

    private static boolean isEnd(SourceRecord record) {
        return record.value() instanceof Struct value
                && value.schema().field("status") != null
                && value.getString("status").equals("END");
    }

    /** A consumer that has each record processed as it comes, and remembers the rows and the last whole transaction. */
    private static final class Delivery implements ChangeConsumer<RecordChangeEvent<SourceRecord>> {
        private static final int NONE = -1;

        private final TestingSource source;
        private final List<Integer> rows = new ArrayList<>();
        private Lsn end;
        private Predicate<SourceRecord> last;
        private int failing = NONE;

        Delivery(TestingSource source) throws SQLException {
            this.source = source;
            this.end =
                    new Lsn(source.lsn("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '$'"));
        }

        /** Runs an engine until it has delivered a record, which is processed. */
        void run(Properties properties, Predicate<SourceRecord> lastRecord) {
            last = lastRecord;
            AtomicReference<Throwable> failure = new AtomicReference<>();
            DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
                    .using(properties)
                    .using(OffsetCommitPolicy.always())
                    .using((success, message, error) -> failure.set(error))
                    .notifying(this)
                    .build()
                    .run();
            assertThat(failure.get()).isNull();
            source.awaitFreeSlot();
        }

        /** The batch that holds a row is wanted again, once. */
        void failAt(int row) {
            failing = row;
        }

        /** The rows from 1 on that were never delivered. */
        List<Integer> missing(int to) {
            return IntStream.rangeClosed(1, to)
                    .boxed()
                    .filter(row -> !rows.contains(row))
                    .toList();
        }

        @Override
        public void handleBatch(
                List<RecordChangeEvent<SourceRecord>> records,
                RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
                throws InterruptedException {
            if (records.stream().anyMatch(record -> row(record.record()) == failing)) {
                failing = NONE;
                throw new RetriableException("Again, please");
            }
            for (RecordChangeEvent<SourceRecord> record : records) {
                rows.add(row(record.record()));
                if (isEnd(record.record())) {
                    end = new Lsn((Long) record.record().sourceOffset().get("lsn_commit"));
                }
                committer.markProcessed(record);
                if (last.test(record.record())) {
                    committer.markBatchFinished();
                    throw new StopEngineException("Enough");
                }
            }
            committer.markBatchFinished();
        }

        @Override
        public boolean supportsTombstoneEvents() {
            return false;
        }
    }
}
