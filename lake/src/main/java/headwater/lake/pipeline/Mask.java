package headwater.lake.pipeline;

import headwater.lake.process.Secret;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a column's values become before they leave the process that reads them from the source. Null stays null.
 *
 * @param salt the key of {@link Kind#HASH}
 */
public record Mask(Kind kind, Secret salt) implements Serializable {
    /** What {@link Kind#REDACT} makes of every value. */
    public static final String REDACTED = "redacted";

    private static final String ALGORITHM = "HmacSHA256";

    /** The ways to mask. */
    public enum Kind {
        /** 64 hex digits: equal values have equal ones, and without the salt nobody finds the value by trying. */
        HASH,
        /** The same text for every value. */
        REDACT
    }

    /** The mask over PostgreSQL's text of a value, for one thread. */
    public UnaryOperator<String> texts() {
        return switch (kind) {
            case REDACT -> text -> REDACTED;
            case HASH -> {
                Mac mac = mac();
                yield text -> HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
            }
        };
    }

    private Mac mac() {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(salt.value().getBytes(StandardCharsets.UTF_8), ALGORITHM));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
