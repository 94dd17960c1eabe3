package headwater.capture.raw;

import headwater.lake.contract.Lsn;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * What was decoded and is not yet in raw/changes: whole transactions, and behind them the rows of the one that is still
 * arriving. The rows of an arriving transaction go to disk once they exceed the byte limit.
 */
public final class ChangeBatch implements AutoCloseable {
    /** A change with the END LSN of its transaction. */
    record Committed(long commitLsn, RawChange change) {}

    /** A source schema that this process had not met before, and the END LSN of the transaction that first used it. */
    record FirstUse(SourceSchema schema, long commitLsn) {}

    /** A whole transaction: the rows that went to disk, or null, then the others. */
    private record Transaction(long end, @Nullable ChangeSpool spool, List<RawChange> rows) {}

    private final long spoolBytes;
    private Lsn from;
    private final List<Transaction> whole = new ArrayList<>();
    private final List<FirstUse> schemas = new ArrayList<>();
    private long wholeRows;
    private long wholeBytes;
    private Lsn position;
    private long committedAt;

    private List<RawChange> open = new ArrayList<>();
    private final List<SourceSchema> openSchemas = new ArrayList<>();
    private @Nullable ChangeSpool openSpool;
    private long openBytes;
    private long openEvents;

    /**
     * @param from where the transactions before this batch end; those up to there are dropped
     * @param spoolBytes above which an arriving transaction goes to disk
     */
    public ChangeBatch(Lsn from, long spoolBytes) {
        this.from = from;
        this.position = from;
        this.spoolBytes = spoolBytes;
    }

    /** A transaction begins. What the one before left without an end was never committed in the stream and is dropped. */
    public void begin() {
        dropOpen();
    }

    /** A change of the open transaction; null for one that leaves no row, such as a heartbeat. */
    public void add(@Nullable RawChange change) {
        openEvents++;
        if (change == null) {
            return;
        }
        open.add(change);
        openBytes += change.size();
        if (openBytes > spoolBytes) {
            if (openSpool == null) {
                openSpool = ChangeSpool.open();
            }
            openSpool.add(open);
            open.clear();
            openBytes = 0;
        }
    }

    /** The open transaction uses a schema that was not met before. */
    public void add(SourceSchema schema) {
        openSchemas.add(schema);
    }

    /**
     * The open transaction is whole.
     *
     * @param end END LSN of its commit record
     * @param at commit time in microseconds since 1970-01-01 UTC
     * @param events how many the source says it had
     */
    public void end(Lsn end, long at, long events) {
        if (events != openEvents) {
            throw new Failure(
                    Remedy.BUG,
                    "Cannot capture the transaction that ends at " + end + ": " + openEvents + " of its " + events
                            + " events arrived. Nothing of it was written; please report this.");
        }
        if (!end.isAfter(from)) {
            dropOpen();
            return;
        }
        long rows = open.size() + (openSpool == null ? 0 : openSpool.rows());
        if (rows > 0) {
            whole.add(new Transaction(end.value(), openSpool, open));
            wholeRows += rows;
            wholeBytes += openSpool == null ? openBytes : spoolBytes;
        }
        openSchemas.forEach(schema -> schemas.add(new FirstUse(schema, end.value())));
        openSchemas.clear();
        position = end;
        committedAt = at;
        open = new ArrayList<>();
        openSpool = null;
        openBytes = 0;
        openEvents = 0;
    }

    /** Moves the whole transactions into a batch of their own, which can be committed while this one goes on. */
    public ChangeBatch take() {
        ChangeBatch taken = new ChangeBatch(from, spoolBytes);
        taken.position = position;
        taken.committedAt = committedAt;
        taken.whole.addAll(whole);
        taken.wholeRows = wholeRows;
        taken.wholeBytes = wholeBytes;
        taken.schemas.addAll(schemas);
        from = position;
        whole.clear();
        wholeRows = 0;
        wholeBytes = 0;
        schemas.clear();
        return taken;
    }

    /** Where the transactions before this batch end. */
    Lsn from() {
        return from;
    }

    /** Where raw/changes ends once the whole transactions are in it. */
    Lsn position() {
        return position;
    }

    /** The source's commit time at {@link #position}, in microseconds since 1970-01-01 UTC. */
    long committedAt() {
        return committedAt;
    }

    public boolean moved() {
        return position.isAfter(from);
    }

    /** Rows of whole transactions. */
    public long rows() {
        return wholeRows;
    }

    /** Bytes of whole transactions. */
    public long bytes() {
        return wholeBytes;
    }

    /** The schemas that the whole transactions were the first to use. */
    List<FirstUse> schemas() {
        return List.copyOf(schemas);
    }

    /** The rows of whole transactions in the order of commit; can be read once. */
    Iterator<Committed> changes() {
        return new CommittedChanges(whole.iterator());
    }

    @Override
    public void close() {
        dropOpen();
        whole.forEach(transaction -> closeSpool(transaction.spool()));
        whole.clear();
    }

    private void dropOpen() {
        closeSpool(openSpool);
        openSpool = null;
        open.clear();
        openSchemas.clear();
        openBytes = 0;
        openEvents = 0;
    }

    private static void closeSpool(@Nullable ChangeSpool spool) {
        if (spool != null) {
            spool.close();
        }
    }

    /** Walks transaction by transaction without holding a spooled one in memory. */
    private static final class CommittedChanges implements Iterator<Committed> {
        private final Iterator<Transaction> transactions;
        private long end;
        private Iterator<RawChange> changes = Collections.emptyIterator();
        private Iterator<RawChange> changesInMemory = Collections.emptyIterator();

        CommittedChanges(Iterator<Transaction> transactions) {
            this.transactions = transactions;
        }

        @Override
        public boolean hasNext() {
            while (!changes.hasNext()) {
                if (changesInMemory.hasNext()) {
                    changes = changesInMemory;
                } else if (transactions.hasNext()) {
                    begin(transactions.next());
                } else {
                    return false;
                }
            }
            return true;
        }

        private void begin(Transaction next) {
            end = next.end();
            changes = next.spool() == null
                    ? Collections.emptyIterator()
                    : next.spool().read();
            changesInMemory = next.rows().iterator();
        }

        @Override
        public Committed next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return new Committed(end, changes.next());
        }
    }
}
