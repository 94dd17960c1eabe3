package headwater.publish.bench.merge;

import java.util.Locale;

/** What is measured, in this order. */
enum Workload {
    /** 1,000 changes of the newest rows. */
    RECENT,
    /** 1,000 changes of rows from all over the table. */
    UNIFORM,
    /** The antibiotic flag of one drug, in all of its rows. */
    FLAG,
    /** The entity code of one prescriber. */
    ENTITY,
    /** A city's population. */
    CITY,
    /** A city that is deleted. */
    VANISHED,
    /** The name of a state, in all of its cities. */
    STATE,
    /** 250,000 changes of rows from all over the table. */
    LARGE,
    /** Many passes, each of 1,000 changes of the newest rows. */
    PASSES,
    /** One run of the command over 1,000 changes of the newest rows, from the start of its process. */
    JOB;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
