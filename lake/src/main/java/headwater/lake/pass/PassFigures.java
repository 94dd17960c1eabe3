package headwater.lake.pass;

import headwater.lake.contract.Lsn;
import java.time.Duration;

/**
 * What a pass did.
 *
 * @param to the position that it brought the tables to
 * @param rows changes of raw that it read, those of every table together
 * @param took all of it; {@code look} until it knew what to do, {@code cleanse} and {@code curate} for the tables of the two zones
 * @param queries that Spark ran
 */
record PassFigures(Lsn to, long rows, Duration took, Duration look, Duration cleanse, Duration curate, long queries) {

    @Override
    public String toString() {
        return "to=" + to + " rows=" + rows + " tookMs=" + took.toMillis() + " lookMs=" + look.toMillis()
                + " cleanseMs=" + cleanse.toMillis() + " curateMs=" + curate.toMillis() + " queries=" + queries;
    }
}
