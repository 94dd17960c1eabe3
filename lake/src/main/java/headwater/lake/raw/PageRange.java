package headwater.lake.raw;

import java.io.Serializable;

/**
 * A range of pages of one table without partitions, the unit of parallel reading and of resuming.
 *
 * @param leaf the table itself, or one of its partitions, as a quoted SQL name
 * @param from first page
 * @param to page after the last; negative for no end, as rows may have been added since the table was measured
 */
public record PageRange(String leaf, long from, long to) implements Serializable {

    /** Whether this range holds all of another: the table may have grown between two looks at its size. */
    public boolean covers(PageRange other) {
        boolean ends = to < 0 || (other.to >= 0 && other.to <= to);
        return leaf.equals(other.leaf) && from <= other.from && ends;
    }

    /** In the form that {@link #parse} reads. */
    @Override
    public String toString() {
        return from + " " + to + " " + leaf;
    }

    static PageRange parse(String text) {
        String[] parts = text.split(" ", 3);
        return new PageRange(parts[2], Long.parseLong(parts[0]), Long.parseLong(parts[1]));
    }
}
