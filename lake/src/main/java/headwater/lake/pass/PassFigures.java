package headwater.lake.pass;

import headwater.lake.contract.Lsn;
import java.time.Duration;

/**
 * What a pass did.
 *
 * @param to the position that it brought the tables to
 * @param rows changes of raw that it read, those of every table together
 */
record PassFigures(Lsn to, long rows, Duration took) {

    @Override
    public String toString() {
        return "to=" + to + " rows=" + rows + " tookMs=" + took.toMillis();
    }
}
