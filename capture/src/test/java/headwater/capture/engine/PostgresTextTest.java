package headwater.capture.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.debezium.connector.postgresql.UnchangedToastedReplicationMessageColumn;
import org.junit.jupiter.api.Test;

class PostgresTextTest {

    @Test
    void anUnchangedToastValueIsNoText() {
        assertThat(PostgresText.of(UnchangedToastedReplicationMessageColumn.UNCHANGED_TOAST_VALUE))
                .isEqualTo(PostgresText.UNCHANGED)
                .contains("\0");
        assertThat(PostgresText.ofBoolean(UnchangedToastedReplicationMessageColumn.UNCHANGED_TOAST_VALUE))
                .isEqualTo(PostgresText.UNCHANGED);
    }

    @Test
    void booleansAreWrittenOut() {
        assertThat(PostgresText.ofBoolean("t")).isEqualTo("true");
        assertThat(PostgresText.ofBoolean("f")).isEqualTo("false");
        assertThat(PostgresText.ofBoolean(null)).isNull();
        assertThat(PostgresText.of("t")).isEqualTo("t");
    }
}
