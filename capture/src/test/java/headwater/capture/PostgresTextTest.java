package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.debezium.connector.postgresql.PostgresValueConverter;
import io.debezium.connector.postgresql.UnchangedToastedReplicationMessageColumn;
import io.debezium.data.SpecialValueDecimal;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PostgresTextTest {

    @Test
    void floatingPointNumbersAreLaidOutAsPostgresDoes() {
        assertThat(PostgresText.of(0.1d)).isEqualTo("0.1");
        assertThat(PostgresText.of(1e15d)).isEqualTo("1e+15");
        assertThat(PostgresText.of(123456789012345d)).isEqualTo("123456789012345");
        assertThat(PostgresText.of(1e-5d)).isEqualTo("1e-05");
        assertThat(PostgresText.of(1.5e-7f)).isEqualTo("1.5e-07");
        assertThat(PostgresText.of(123456f)).isEqualTo("123456");
        assertThat(PostgresText.of(1e6f)).isEqualTo("1e+06");
        assertThat(PostgresText.of(-0d)).isEqualTo("-0");
        assertThat(PostgresText.of(Double.MIN_VALUE)).isEqualTo("5e-324");
        assertThat(PostgresText.of(Double.NEGATIVE_INFINITY)).isEqualTo("-Infinity");
        assertThat(PostgresText.of(Float.NaN)).isEqualTo("NaN");
        // the shorter 4.651457e+07 lies exactly between two numbers
        assertThat(PostgresText.of(46514568f)).isEqualTo("4.6514568e+07");
    }

    @Test
    void everyFloatingPointNumberIsReadBackTheSame() {
        long seed = 7;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            double number = Double.longBitsToDouble(random.nextLong());
            float single = Float.intBitsToFloat(random.nextInt());
            assertThat(Double.parseDouble(PostgresText.of(number)))
                    .as("seed %d", seed)
                    .isEqualTo(Double.valueOf(number));
            assertThat(Float.parseFloat(PostgresText.of(single)))
                    .as("seed %d", seed)
                    .isEqualTo(Float.valueOf(single));
        }
    }

    @Test
    void aDecimalKeepsItsScale() {
        assertThat(PostgresText.of(new SpecialValueDecimal(new BigDecimal("1.50"))))
                .isEqualTo("1.50");
        assertThat(PostgresText.of(new SpecialValueDecimal(new BigDecimal("1E+3"))))
                .isEqualTo("1000");
        assertThat(PostgresText.of(SpecialValueDecimal.NOT_A_NUMBER)).isEqualTo("NaN");
        assertThat(PostgresText.of(SpecialValueDecimal.NEGATIVE_INF)).isEqualTo("-Infinity");
    }

    @Test
    void datesAndTimesAreUtcWithEraAndInfinity() {
        assertThat(PostgresText.of(LocalDate.of(-43, 3, 15))).isEqualTo("0044-03-15 BC");
        assertThat(PostgresText.of(LocalDate.of(12024, 1, 2))).isEqualTo("12024-01-02");
        assertThat(PostgresText.of(PostgresValueConverter.NEGATIVE_INFINITY_LOCAL_DATE))
                .isEqualTo("-infinity");
        assertThat(PostgresText.of(PostgresValueConverter.POSITIVE_INFINITY_INSTANT))
                .isEqualTo("infinity");
        assertThat(PostgresText.of(Instant.parse("2024-01-02T03:04:05.120Z"))).isEqualTo("2024-01-02 03:04:05.12");
        assertThat(PostgresText.of(OffsetDateTime.parse("2024-01-02T00:00:00+02:00")))
                .isEqualTo("2024-01-01 22:00:00+00");
        assertThat(PostgresText.of(OffsetDateTime.parse("-0001-01-02T00:00:00Z")))
                .isEqualTo("0002-01-02 00:00:00+00 BC");
    }

    @Test
    void anUnchangedToastValueIsNoText() {
        assertThat(PostgresText.of(UnchangedToastedReplicationMessageColumn.UNCHANGED_TOAST_VALUE))
                .isEqualTo(PostgresText.UNCHANGED)
                .contains("\0");
        assertThat(PostgresText.of(new byte[] {0, (byte) 255})).isEqualTo("\\x00ff");
        assertThat(PostgresText.of(null)).isNull();
    }
}
