package headwater.capture.partd.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NpiTest {

    @Test
    void checkDigitIsLuhnOver80840AndTheNineDigits() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 10_000; i++) {
            int leading = 100_000_000 + random.nextInt(200_000_000);
            assertThat(luhn("80840" + Npi.of(leading))).as("NPI of %s", leading).isZero();
        }
    }

    /** The example of the standard that defines NPIs. */
    @Test
    void exampleOfTheStandardIsValid() {
        assertThat(Npi.of(123456789)).isEqualTo(1234567893L);
        assertThat(Npi.valid(1234567893L)).isTrue();
    }

    @Test
    void brokenNpiIsInvalidAndHasTenDigits() {
        for (int leading = 100_300_000; leading < 100_300_100; leading++) {
            assertThat(Npi.valid(Npi.broken(Npi.of(leading)))).isFalse();
            assertThat(Npi.broken(Npi.of(leading)) / 10).isEqualTo(leading);
        }
    }

    private static int luhn(String digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            sum += i % 2 == 0 ? digit : digit < 5 ? 2 * digit : 2 * digit - 9;
        }
        return sum % 10;
    }
}
