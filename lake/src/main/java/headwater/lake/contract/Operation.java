package headwater.lake.contract;

/** What a change did; {@link #code()} is the value of the column {@code op} of raw/changes. */
public enum Operation {
    CREATE("c"),
    UPDATE("u"),
    DELETE("d"),
    TRUNCATE("t"),
    MESSAGE("m");

    private final String code;

    Operation(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }

    /** The operation of a code; an unknown code is an {@link IllegalArgumentException}. */
    public static Operation of(String code) {
        for (Operation operation : values()) {
            if (operation.code.equals(code)) {
                return operation;
            }
        }
        throw new IllegalArgumentException("op must be one of c u d t m (is \"" + code + "\")");
    }
}
