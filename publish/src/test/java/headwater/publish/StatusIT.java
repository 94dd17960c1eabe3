package headwater.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.Lsn;
import headwater.publish.status.HopStatus;
import headwater.publish.status.PipelineStatus;
import headwater.publish.status.StatusCommand;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path lake;

    private Shop shop;
    private final Instant start = Instant.now();
    private long nextVersion;
    private long total;

    @BeforeEach
    void openShop() {
        shop = new Shop(lake);
    }

    @AfterEach
    void closeShop() {
        shop.close();
    }

    @Test
    void lagIsTheAgeOfTheOldestChangeThatAHopDoesNotHave() throws Exception {
        raw(100, 0, 600);
        raw(200, 10, 500);
        raw(250, 0, 400);
        raw(300, 5, 300);
        shop.first();
        shop.sales.moveLsn(250);

        PipelineStatus status = PipelineStatus.counted(shop.pipeline);

        assertThat(status.unreachable()).containsExactly("PostgreSQL");
        assertThat(hop(status, "source", "shop").problem()).contains("Cannot connect to PostgreSQL");
        assertThat(hop(status, "raw", "changes").rows()).isEqualTo(15);
        assertThat(hop(status, "raw", "changes").lsn()).isEqualTo(new Lsn(300));
        assertThat(hop(status, "cleansed", "orders").problem()).isEqualTo("not there yet");
        assertAge(hop(status, "curated", "items"), 500);
        // the commit at 250 has no rows: what sales lacks is the one at 300
        assertAge(hop(status, "curated", "sales"), 300);
        assertAge(hop(status, "mysql", "report"), 500);
        assertThat(hop(status, "mysql", "report").lsn()).isEqualTo(new Lsn(100));
        assertThat(hop(status, "mysql", "report").details()).containsEntry("state", "complete");
        assertThat(hop(status, "mysql", "sales").rows()).isEqualTo(3);
        assertThat(hop(status, "curated", "sales").rows()).isEqualTo(3);
    }

    @Test
    void theTableAndTheJsonSayTheSame() throws Exception {
        raw(100, 3, 60);
        shop.first();
        PipelineStatus status = PipelineStatus.of(shop.pipeline);

        String table = StatusCommand.table(status);
        JsonNode json = JSON.readTree(StatusCommand.json(status));

        assertThat(json.get("hops")).hasSize(status.hops().size());
        assertThat(json.get("hops").get(1).get("lsn").asText()).isEqualTo("0/64");
        assertThat(json.get("hops").get(1).get("rows").asLong()).isEqualTo(3);
        assertThat(table).containsPattern("raw +\\| changes +\\| +3 \\| 0/64");
    }

    private void assertAge(HopStatus hop, long seconds) {
        assertThat(hop.lag())
                .as(hop.toString())
                .isBetween(
                        Duration.ofSeconds(seconds),
                        Duration.between(start, Instant.now()).plusSeconds(seconds + 1));
    }

    private static HopStatus hop(PipelineStatus status, String hop, String table) {
        return status.hops().stream()
                .filter(one -> one.hop().equals(hop) && one.table().equals(table))
                .findFirst()
                .orElseThrow();
    }

    /** A commit of capture as its log has it; the data file itself is of no interest to a status. */
    private void raw(long lsn, int rows, int secondsAgo) throws Exception {
        List<ObjectNode> actions = new ArrayList<>();
        if (nextVersion == 0) {
            ObjectNode protocol = JSON.createObjectNode();
            protocol.putObject("protocol")
                    .put("minReaderVersion", 1)
                    .put("minWriterVersion", 7)
                    .putArray("writerFeatures")
                    .add("domainMetadata");
            actions.add(protocol);
            ObjectNode metadata = JSON.createObjectNode();
            ObjectNode fields = metadata.putObject("metaData")
                    .put("id", "raw")
                    .put("schemaString", "{\"type\":\"struct\",\"fields\":[]}");
            fields.putObject("format").put("provider", "parquet").putObject("options");
            fields.putArray("partitionColumns");
            fields.putObject("configuration");
            actions.add(metadata);
        }
        total += rows;
        CaptureOffset offset = new CaptureOffset(
                1,
                "headwater",
                "1",
                1,
                100,
                lsn,
                start.minusSeconds(secondsAgo).toString(),
                List.of(),
                total == 0 ? null : Long.valueOf(total));
        ObjectNode domain = JSON.createObjectNode();
        domain.putObject("domainMetadata")
                .put("domain", CaptureOffset.DOMAIN)
                .put("configuration", JSON.writeValueAsString(offset))
                .put("removed", false);
        actions.add(domain);
        if (rows > 0) {
            ObjectNode add = JSON.createObjectNode();
            add.putObject("add")
                    .put("path", lsn + ".parquet")
                    .put("size", 1)
                    .put("modificationTime", 0)
                    .put("dataChange", true)
                    .put("stats", "{\"numRecords\":" + rows + "}")
                    .putObject("partitionValues");
            actions.add(add);
        }
        Path log = Files.createDirectories(
                Path.of(URI.create(shop.pipeline.layout().rawChanges())).resolve("_delta_log"));
        List<String> lines = new ArrayList<>();
        for (ObjectNode action : actions) {
            lines.add(JSON.writeValueAsString(action));
        }
        Files.write(log.resolve(String.format("%020d.json", nextVersion++)), lines);
    }
}
