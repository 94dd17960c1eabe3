package headwater.lake.process;

import java.util.Locale;

/** Bytes as people read them. */
public final class ByteText {

    /** Such as {@code 512 B}, {@code 64 KiB} or {@code 1,280 MiB}: whole numbers of the unit that has some digits to show. */
    public static String of(long bytes) {
        if (bytes < 10L << 10) {
            return bytes + " B";
        }
        return bytes < 10L << 20 ? (bytes >> 10) + " KiB" : String.format(Locale.ROOT, "%,d MiB", bytes >> 20);
    }

    private ByteText() {}
}
