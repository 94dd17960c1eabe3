package headwater.publish.delta;

/** Takes the rows of curated files, each as values for JDBC in the order of the pipeline file's columns. */
public interface RowSink {

    /** The row is so since the version. */
    void row(long version, Object[] row);

    /** The row is gone since the version; only its key counts. */
    void deletion(long version, Object[] row);

    /** Whether to stop reading. */
    boolean full();
}
