package headwater.lake.process;

/** Who can mend a {@link Failure}. */
public enum Remedy {
    /** Passes by itself: a server restarts, a connection breaks. The same step is tried again. */
    RETRY,
    /** A person changes a setting, a right or a server. */
    OPERATOR,
    /** Wrong use or an invalid configuration file; nothing was begun. */
    USAGE,
    /** Headwater is wrong. */
    BUG
}
