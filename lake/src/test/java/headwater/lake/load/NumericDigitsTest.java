package headwater.lake.load;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.load.FieldWriter.NumericDigits;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NumericDigitsTest {
    private static final BigInteger BASE = BigInteger.valueOf(10_000);

    @Test
    void everyNumberOfEighteenDigitsIsReadExactly() {
        Random random = new Random(11);
        for (int round = 0; round < 20_000; round++) {
            int scale = random.nextInt(19);
            long unscaled = random.nextLong() % 1_000_000_000_000_000_000L >> random.nextInt(60);

            NumericDigits digits = NumericDigits.read(binary(BigDecimal.valueOf(unscaled, scale)));

            assertThat(digits.unscaledLong(scale)).as("scale %d", scale).isEqualTo(unscaled);
            assertThat(digits.unscaled(scale)).isEqualTo(BigInteger.valueOf(unscaled));
        }
    }

    @Test
    void aNumberOfMoreDigitsIsReadExactly() {
        BigDecimal number = new BigDecimal("-12345678901234567890123456.0012003");

        NumericDigits digits = NumericDigits.read(binary(number));

        assertThat(new BigDecimal(digits.unscaled(7), 7)).isEqualTo(number);
    }

    @Test
    void notANumberIsTold() {
        ByteBuffer nan =
                ByteBuffer.allocate(8).putShort((short) 0).putShort((short) 0).putShort((short) 0xC000);

        assertThat(NumericDigits.read(nan.putShort((short) 0).flip()).special()).isTrue();
    }

    /** As PostgreSQL's numeric_send: digits in base 10000 aligned at the decimal point, zeros at both ends left out. */
    private static ByteBuffer binary(BigDecimal number) {
        int groups = (number.scale() + 3) / 4;
        BigInteger aligned = number.abs().setScale(groups * 4).unscaledValue();
        Deque<Short> digits = new ArrayDeque<>();
        int weight = -groups - 1;
        while (aligned.signum() > 0) {
            digits.addFirst(aligned.mod(BASE).shortValueExact());
            aligned = aligned.divide(BASE);
            weight++;
        }
        while (!digits.isEmpty() && digits.peekLast() == 0) {
            digits.removeLast();
        }
        ByteBuffer bytes = ByteBuffer.allocate(8 + 2 * digits.size())
                .putShort((short) digits.size())
                .putShort((short) weight)
                .putShort((short) (number.signum() < 0 ? 0x4000 : 0))
                .putShort((short) number.scale());
        digits.forEach(bytes::putShort);
        return bytes.flip();
    }
}
