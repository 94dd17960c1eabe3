package headwater.lake.contract;

/**
 * A PostgreSQL log sequence number. As a change's position it is always the END of its transaction's commit record:
 * the LSN of a single row is neither unique nor monotonic in the stream of commits.
 *
 * @param value bytes from the start of the WAL, as in the column {@code commit_lsn}
 */
public record Lsn(long value) implements Comparable<Lsn> {

    /** Reads PostgreSQL's own form, such as {@code 0/16B3748}. */
    public static Lsn parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 1) {
            throw new IllegalArgumentException("An LSN looks like 0/16B3748 (is \"" + text + "\")");
        }
        try {
            long high = Long.parseLong(text.substring(0, slash), 16);
            return new Lsn((high << 32) | Long.parseLong(text.substring(slash + 1), 16));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("An LSN looks like 0/16B3748 (is \"" + text + "\")", e);
        }
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(value, other.value);
    }

    public boolean isAfter(Lsn other) {
        return compareTo(other) > 0;
    }

    /** PostgreSQL's own form, such as {@code 0/16B3748}. */
    @Override
    public String toString() {
        return String.format("%X/%X", value >>> 32, value & 0xFFFFFFFFL);
    }
}
