package headwater.lake.embedded;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Passwords of servers that live for one run. */
final class Passwords {

    /** 128 random bits as hex digits: needs no quoting anywhere. */
    static String random() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private Passwords() {}
}
