package headwater.capture.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.contract.SourceTable;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;

/** Which columns make up a key, and which keys are taken. */
class SourceKeysTest {
    private static final SourceTable TABLE = new SourceTable("shop", "orders");

    @Test
    void namesTheKeyAsItIsAndAsItWas() {
        assertThat(keys(List.of("y", "number"), List.of("number", "y"), Set.of("id", "y"))
                        .columns())
                .containsExactly(Map.entry(TABLE, List.of("y", "number", "id")));
    }

    @Test
    void aFormerKeyColumnThatIsThereStillIsNoneNow() {
        assertThat(keys(List.of("b"), List.of("a", "b"), Set.of("a")).columns())
                .containsExactly(Map.entry(TABLE, List.of("b")));
    }

    @Test
    void aTableWithoutKeyIsLeftToDebezium() {
        SourceKeys keys = keys(List.of(), List.of("v"), Set.of());

        assertThat(keys.columns()).isEmpty();
        assertThatCode(() -> keys.check(TABLE, null)).doesNotThrowAnyException();
    }

    @Test
    void onlyAWholeKeyIsTaken() {
        SourceKeys keys = keys(List.of("y", "z"), List.of("y", "z"), Set.of("y", "x"));

        assertThatCode(() -> keys.check(TABLE, key("y", "z"))).doesNotThrowAnyException();
        assertThatCode(() -> keys.check(TABLE, key("y", "x"))).doesNotThrowAnyException();
        assertRefused(keys, null);
        assertRefused(keys, key("y"));
        assertRefused(keys, key("y", "w"));
        Struct withoutValue = key("y", "z");
        withoutValue.put("z", null);
        assertRefused(keys, withoutValue);
    }

    private static void assertRefused(SourceKeys keys, Struct key) {
        assertThatThrownBy(() -> keys.check(TABLE, key))
                .isInstanceOf(Failure.class)
                .hasMessage(
                        "Cannot capture a change of shop.orders: it was made under another key than [y, z], which the"
                                + " table has had at the start of capture. If this stays so, give the key its former columns and"
                                + " names until capture has passed the change.")
                .extracting(thrown -> ((Failure) thrown).remedy())
                .isEqualTo(Remedy.RETRY);
    }

    private static SourceKeys keys(List<String> key, List<String> columns, Set<String> before) {
        return new SourceKeys(Map.of(TABLE, new SourceKeys.Now(key, columns)), Map.of(TABLE, before));
    }

    private static Struct key(String... columns) {
        SchemaBuilder schema = SchemaBuilder.struct();
        for (String column : columns) {
            schema.field(column, Schema.OPTIONAL_STRING_SCHEMA);
        }
        Struct key = new Struct(schema.build());
        for (String column : columns) {
            key.put(column, "1");
        }
        return key;
    }
}
