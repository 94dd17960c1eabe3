package headwater.lake.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.load.SourceColumn.Wire;
import headwater.lake.parquet.ColumnValues;
import headwater.lake.pipeline.Mask;
import headwater.lake.process.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a load does with the ends of types; the middle is compared with PostgreSQL itself. */
class FieldWriterTest {
    /** Days from 2000-01-01 to 0001-01-01 and to 9999-12-31. */
    private static final int FIRST = (int) (LocalDate.of(1, 1, 1).toEpochDay() - FieldWriter.EPOCH_DAYS);

    private static final int LAST = (int) (LocalDate.of(9999, 12, 31).toEpochDay() - FieldWriter.EPOCH_DAYS);
    private static final long DAY = 86_400_000_000L;

    @Test
    void datesOfFourDigitsAreRead() {
        assertThat(date(FIRST)).isEqualTo(LocalDate.of(1, 1, 1).toEpochDay());
        assertThat(date(LAST)).isEqualTo(LocalDate.of(9999, 12, 31).toEpochDay());
        assertThat(timestamp(FIRST * DAY)).isEqualTo(LocalDate.of(1, 1, 1).toEpochDay() * DAY);
        assertThat(timestamp((LAST + 1) * DAY - 1))
                .isEqualTo((LocalDate.of(9999, 12, 31).toEpochDay() + 1) * DAY - 1);
    }

    @Test
    void otherDatesAndInfinityAreRefusedAsInTheStream() {
        for (int days : new int[] {FIRST - 1, LAST + 1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> date(days))
                    .hasMessageContaining("column v holds infinity or a time outside the years 1 to 9999, which date")
                    .hasMessageContaining("asText");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MIN_VALUE + 1})
    void timestampsThatWouldOverflowAreRefused(long micros) {
        assertThatThrownBy(() -> timestamp(micros))
                .hasMessageContaining("which timestamp_ntz of the lake does not have");
    }

    @Test
    void aTimestampJustOutsideIsRefused() {
        assertThatThrownBy(() -> timestamp(FIRST * DAY - 1)).hasMessageContaining("infinity or a time outside");
        assertThatThrownBy(() -> timestamp((LAST + 1) * DAY)).hasMessageContaining("infinity or a time outside");
    }

    @Test
    void aMaskedTextIsMaskedBeforeItIsWritten() {
        Mask mask = new Mask(Mask.Kind.HASH, new Secret("0123456789abcdef"));
        byte[] text = "s\u00E9cret".getBytes(StandardCharsets.UTF_8);

        assertThat(decode(Wire.WRITTEN_TEXT, DataTypes.StringType, mask, ByteBuffer.wrap(text)))
                .isEqualTo(mask.texts().apply("s\u00E9cret"));
    }

    private static Object date(int days) {
        return decode(
                Wire.DATE, DataTypes.DateType, null, ByteBuffer.allocate(4).putInt(0, days));
    }

    private static Object timestamp(long micros) {
        return decode(
                Wire.TIMESTAMP,
                DataTypes.TimestampNTZType,
                null,
                ByteBuffer.allocate(8).putLong(0, micros));
    }

    private static Object decode(Wire wire, DataType type, Mask mask, ByteBuffer bytes) {
        LastValue written = new LastValue();
        try {
            FieldWriter.of(new SourceColumn("v", wire, type, mask), "public.orders")
                    .write(bytes, bytes.remaining(), written);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return written.value;
    }

    /** A column that remembers what was written last. */
    private static final class LastValue implements ColumnValues {
        private Object value;

        @Override
        public void writeNull() {
            value = null;
        }

        @Override
        public void writeNumber(long written) {
            value = written;
        }

        @Override
        public void writeBytes(byte[] bytes, int from, int length) {
            value = new String(bytes, from, length, StandardCharsets.UTF_8);
        }

        @Override
        public void writeBoolean(boolean written) {
            value = written;
        }
    }
}
