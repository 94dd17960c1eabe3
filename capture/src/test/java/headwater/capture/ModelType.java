package headwater.capture;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HexFormat;
import java.util.Random;

/** What a column of a {@link ModelTable} holds; its values are texts as PostgreSQL writes them. */
enum ModelType {
    /** A number that its session has in this column once. */
    ID("integer"),
    /** The number of the session that owns the row. */
    OWNER("integer"),
    /** The id of a row of the parent table, or null. */
    PARENT("integer"),
    REGION("text"),
    INT("integer"),
    BIGINT("bigint"),
    NUMERIC("numeric(14,2)"),
    VARCHAR("varchar(40)"),
    TEXT("text"),
    BIG_TEXT("text"),
    BIG_JSON("jsonb"),
    BIG_BYTES("bytea");

    /** PostgreSQL moves longer values out of the row. */
    static final int TOASTED = 2500;

    private static final String[] WORDS = {
        "",
        "a",
        "O'Brien",
        "\\N",
        "back\\slash",
        "tab\tand\nnew line",
        "\"quoted\", comma",
        "é€𝄞",
        "null",
        "\\.",
        "__debezium_unavailable_value"
    };

    private final String sql;

    ModelType(String sql) {
        this.sql = sql;
    }

    String sql() {
        return sql;
    }

    /** Whether its values mean nothing to the history: it may be updated, renamed and dropped. */
    boolean ordinary() {
        return compareTo(INT) >= 0;
    }

    boolean big() {
        return compareTo(BIG_TEXT) >= 0;
    }

    /** A value of an ordinary type or a region. */
    String value(Random random) {
        return switch (this) {
            case ID, OWNER, PARENT -> throw new IllegalArgumentException(name());
            case REGION -> String.valueOf((char) ('a' + random.nextInt(4)));
            case INT -> String.valueOf(random.nextInt(2_000) - 1_000);
            case BIGINT -> String.valueOf(random.nextLong());
            case NUMERIC ->
                BigDecimal.valueOf(random.nextInt(200_000) - 100_000L, 2).toPlainString();
            case VARCHAR, TEXT -> WORDS[random.nextInt(WORDS.length)];
            case BIG_TEXT -> letters(random);
            case BIG_JSON -> "{\"a\": \"" + letters(random) + "\"}";
            case BIG_BYTES -> "\\x" + HexFormat.of().formatHex(bytes(random));
        };
    }

    /** The text of a value that was written under an earlier type of its column. */
    String text(String value) {
        return this == NUMERIC && value != null
                ? new BigDecimal(value).setScale(2, RoundingMode.UNNECESSARY).toPlainString()
                : value;
    }

    /** The type that a column of this type may be changed to, or null. */
    ModelType wider(Random random) {
        return switch (this) {
            case INT -> random.nextBoolean() ? BIGINT : NUMERIC;
            case VARCHAR -> TEXT;
            default -> null;
        };
    }

    private static String letters(Random random) {
        int length = random.nextInt(3) == 0 ? random.nextInt(10) : TOASTED + random.nextInt(500);
        return random.ints(length, 'a', 'z')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static byte[] bytes(Random random) {
        byte[] bytes = new byte[random.nextInt(3) == 0 ? random.nextInt(10) : TOASTED + random.nextInt(500)];
        random.nextBytes(bytes);
        return bytes;
    }
}
