package headwater.lake.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LsnTest {

    @Test
    void readsAndWritesPostgresOwnForm() {
        assertThat(Lsn.parse("0/16B3748")).isEqualTo(new Lsn(0x16B3748L)).hasToString("0/16B3748");
        assertThat(Lsn.parse("2A/FFFFFFFF")).hasToString("2A/FFFFFFFF");
        assertThat(Lsn.parse("FFFFFFFF/FFFFFFFF")).hasToString("FFFFFFFF/FFFFFFFF");
    }

    @Test
    void ordersAsUnsignedNumbersAcrossTheSlash() {
        assertThat(Lsn.parse("1/0").isAfter(Lsn.parse("0/FFFFFFFF"))).isTrue();
        assertThat(Lsn.parse("FFFFFFFF/0").isAfter(Lsn.parse("0/1"))).isTrue();
        assertThat(Lsn.parse("0/5").isAfter(Lsn.parse("0/5"))).isFalse();
    }

    @Test
    void refusesAnythingElse() {
        assertThatThrownBy(() -> Lsn.parse("16B3748")).hasMessage("An LSN looks like 0/16B3748 (is \"16B3748\")");
        assertThatThrownBy(() -> Lsn.parse("0/xyz")).isInstanceOf(IllegalArgumentException.class);
    }
}
