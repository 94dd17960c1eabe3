package headwater.publish.report;

import java.util.List;

/**
 * A page of the rows behind a report.
 *
 * @param number from 1
 * @param found up to {@value #SIZE} rows, and one more where there is a next page
 */
record RowPage(
        Report report,
        Filter filter,
        Choices choices,
        Published publication,
        RowTable.Column sort,
        int number,
        List<List<Object>> found) {
    static final int SIZE = 50;

    /** MySQL sorts and passes over all rows before a page. */
    static final int LAST = 200;

    List<List<Object>> rows() {
        return found.subList(0, Math.min(SIZE, found.size()));
    }

    boolean hasNext() {
        return found.size() > SIZE && number < LAST;
    }
}
