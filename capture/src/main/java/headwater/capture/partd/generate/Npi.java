package headwater.capture.partd.generate;

/** National Provider Identifiers: ten digits, the last a Luhn check digit over 80840 and the nine before it. */
public final class Npi {
    /** The Luhn sum of the prefix 80840. */
    private static final int PREFIX_SUM = 24;

    /** The identifier of nine leading digits. */
    public static long of(int leading) {
        return leading * 10L + (10 - sum(leading) % 10) % 10;
    }

    static boolean valid(long npi) {
        return npi >= 1_000_000_000L && npi <= 9_999_999_999L && of((int) (npi / 10)) == npi;
    }

    /** The same identifier with a wrong check digit. */
    static long broken(long npi) {
        return npi % 10 == 9 ? npi - 1 : npi + 1;
    }

    private static int sum(int leading) {
        int sum = PREFIX_SUM;
        boolean doubled = true;
        for (int rest = leading; rest > 0; rest /= 10) {
            int digit = rest % 10 * (doubled ? 2 : 1);
            sum += digit / 10 + digit % 10;
            doubled = !doubled;
        }
        return sum;
    }

    private Npi() {}
}
