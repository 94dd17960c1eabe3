package headwater.lake.cleanse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class NormalizedTextTest {
    private static final String[] PIECES = {
        " ", "  ", "\t", "\n", "\r", "\f", "\u000B", "a", "MILLER, JR.", "é", "\u00A0", "€"
    };

    @Test
    void everyTextIsFoldedAsPostgresWould() {
        Random random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int piece = random.nextInt(8); piece > 0; piece--) {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }

            UTF8String normalized = NormalizedText.normalize(UTF8String.fromString(text.toString()));

            assertThat(normalized == null ? null : normalized.toString())
                    .as("of \"%s\"", text)
                    .isEqualTo(expected(text.toString()));
        }
    }

    private static String expected(String text) {
        String folded = text.replaceAll("[ \\t\\n\\r\\f\\u000B]+", " ").replaceAll("^ | $", "");
        return folded.isEmpty() ? null : folded;
    }
}
