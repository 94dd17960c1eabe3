package headwater.capture.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.MaskedColumns;
import headwater.lake.pipeline.TableSpec;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;

class RowJsonTest {
    private static final Schema SCHEMA = SchemaBuilder.struct()
            .field("id", Schema.OPTIONAL_STRING_SCHEMA)
            .field("na\"me", Schema.OPTIONAL_STRING_SCHEMA)
            .field("kind", SchemaBuilder.string().optional().defaultValue("d").build())
            .build();

    private static final MaskedColumns UNMASKED = MaskedColumns.of(new TableSpec(
            "t", new SourceTable("s", "t"), List.of("id"), false, Map.of(), List.of(), Set.of(), Set.of(), Map.of()));

    @Test
    void everyCharacterComesBack() throws Exception {
        String all = IntStream.concat(IntStream.rangeClosed(0, 0x2FF), IntStream.of(0x2028, 0xFFFD, 0x1F600))
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
        Struct row = new Struct(SCHEMA).put("id", all).put("na\"me", "plain").put("kind", "\\");

        JsonNode json = new ObjectMapper().readTree(RowJson.of(row, UNMASKED));

        assertThat(json.get("id").textValue()).isEqualTo(all);
        assertThat(json.get("na\"me").textValue()).isEqualTo("plain");
        assertThat(json.get("kind").textValue()).isEqualTo("\\");
    }

    @Test
    void aNullIsNoDefault() {
        assertThat(RowJson.of(new Struct(SCHEMA).put("id", "1"), UNMASKED))
                .isEqualTo("{\"id\":\"1\",\"na\\\"me\":null,\"kind\":null}");
    }

    @Test
    void unchangedColumnsAreLeftOutAndNamed() {
        Struct row = new Struct(SCHEMA)
                .put("id", PostgresText.UNCHANGED)
                .put("na\"me", "n")
                .put("kind", "k");

        assertThat(RowJson.of(row, UNMASKED)).isEqualTo("{\"na\\\"me\":\"n\",\"kind\":\"k\"}");
        assertThat(RowJson.unchanged(row)).isEqualTo("[\"id\"]");
        assertThat(RowJson.of(
                        new Struct(SCHEMA)
                                .put("id", PostgresText.UNCHANGED)
                                .put("na\"me", PostgresText.UNCHANGED)
                                .put("kind", PostgresText.UNCHANGED),
                        UNMASKED))
                .isEqualTo("{}");
    }
}
