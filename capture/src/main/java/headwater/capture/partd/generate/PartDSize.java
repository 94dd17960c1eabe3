package headwater.capture.partd.generate;

/**
 * How many rows of each table go with so many rows of prescriber_drug. Prescribers and their drug rows come in chunks of
 * fixed size, each of which can be generated and committed by itself.
 *
 * @param rows of prescriber_drug
 */
public record PartDSize(long rows) {
    /** What the NPIs have room for. */
    public static final long MOST_ROWS = 90_000_000;

    public static final int CHUNK_ROWS = 25_000;
    private static final int ROWS_PER_PRESCRIBER = 25;
    private static final int CHUNK_PRESCRIBERS = prescribers((long) CHUNK_ROWS);

    int chunks() {
        return (int) ((rows + CHUNK_ROWS - 1) / CHUNK_ROWS);
    }

    /** Rows of prescriber_drug in a chunk. */
    int rows(int chunk) {
        return (int) Math.min(CHUNK_ROWS, rows - firstRow(chunk));
    }

    /** Rows of prescriber_drug before a chunk. */
    long firstRow(int chunk) {
        return (long) chunk * CHUNK_ROWS;
    }

    /** Prescribers of a chunk that have drug rows. */
    int prescribing(int chunk) {
        return prescribing((long) rows(chunk));
    }

    /** All prescribers of a chunk: as in the CMS files, every fifth has no drug with more than ten claims. */
    public int prescribers(int chunk) {
        return prescribers((long) rows(chunk));
    }

    /** Prescribers before a chunk. */
    int firstPrescriber(int chunk) {
        return chunk * CHUNK_PRESCRIBERS;
    }

    public int prescribers() {
        int last = chunks() - 1;
        return firstPrescriber(last) + prescribers(last);
    }

    /** (brand, generic) pairs, each with a National row. */
    int pairs() {
        return (int) Math.max(200, Math.min(3_100, rows / 40));
    }

    /** Rows of drug for single states, about. */
    int drugStateRows() {
        return (int) Math.min(112_000, rows / 25);
    }

    int cities() {
        return (int) Math.max(2 * Places.STATES_WITH_CITIES, Math.min(28_000, rows / 50));
    }

    private static int prescribing(long rows) {
        return (int) ((rows + ROWS_PER_PRESCRIBER - 1) / ROWS_PER_PRESCRIBER);
    }

    private static int prescribers(long rows) {
        return prescribing(rows) * 5 / 4;
    }
}
