package headwater.capture.partd.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CopyTextTest {

    @Test
    void valuesAreTabSeparatedAndNullIsEscaped() {
        CopyText out = new CopyText();
        out.number(-7)
                .text("a\tb\\c\nd")
                .text((String) null)
                .numberIf(false, 3)
                .text("")
                .endRow();
        assertThat(out.toString()).isEqualTo("-7\ta\\tb\\\\c\\nd\t\\N\t\\N\t\n");
    }

    @Test
    void decimalsKeepTheirZeros() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 10_000; i++) {
            long value = random.nextLong(-2_000_000, 2_000_000) >> random.nextInt(20);
            CopyText out = new CopyText();
            out.tenths(value).cents(value).tenThousandths(value).number(value).endRow();
            assertThat(out.toString().strip().split("\t"))
                    .containsExactly(
                            BigDecimal.valueOf(value, 1).toPlainString(),
                            BigDecimal.valueOf(value, 2).toPlainString(),
                            BigDecimal.valueOf(value, 4).toPlainString(),
                            String.valueOf(value));
        }
    }
}
