package headwater.publish.bench.backfill;

import java.util.Locale;

/** What is measured on the same tables. */
enum Side {
    /** PostgreSQL's COPY, whose bytes nobody keeps. */
    COPY,
    /** The load up to raw/snapshots. */
    RAW,
    /** Spark's JDBC source into tables that lie as raw/snapshots do. */
    JDBC,
    /** The load up to curated, and the first publication. */
    CHAIN;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
