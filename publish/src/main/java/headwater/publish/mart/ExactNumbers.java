package headwater.publish.mart;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;

/** Whether MySQL keeps the numbers of a JSON text: it has whole ones of 64 bits, and else takes the nearest double. */
final class ExactNumbers {
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MOST = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    static boolean in(String json) {
        try (JsonParser parser = JSON.createParser(json)) {
            JsonToken token = parser.nextToken();
            while (token != null) {
                if (token.isNumeric() && !isKept(token, parser.getText())) {
                    return false;
                }
                token = parser.nextToken();
            }
            return true;
        } catch (IOException e) {
            // no JSON at all: the server says so
            return true;
        }
    }

    private static boolean isKept(JsonToken token, String text) {
        if (token == JsonToken.VALUE_NUMBER_INT) {
            BigInteger number = new BigInteger(text);
            if (number.compareTo(LEAST) >= 0 && number.compareTo(MOST) <= 0) {
                return true;
            }
        }
        double nearest = Double.parseDouble(text);
        return Double.isFinite(nearest) && new BigDecimal(text).compareTo(BigDecimal.valueOf(nearest)) == 0;
    }

    private ExactNumbers() {}
}
