package headwater.lake.table;

import org.apache.spark.sql.delta.OptimisticTransaction;
import org.apache.spark.sql.delta.TransactionExecutionObserver;
import scala.Function0;
import scala.Option;

/**
 * Looks at the snapshot that a statement takes as its transaction begins: a look before that says nothing of a commit
 * in between, and Delta's own check begins after it.
 */
final class PinnedStart implements TransactionExecutionObserver {
    private final TableLog log;
    private final String appId;
    private final long position;
    private Option<TransactionExecutionObserver> next = Option.empty();

    PinnedStart(TableLog log, String appId, long position) {
        this.log = log;
        this.appId = appId;
        this.position = position;
    }

    @Override
    public OptimisticTransaction startingTransaction(Function0<OptimisticTransaction> start) {
        OptimisticTransaction transaction = start.apply();
        log.requireAt(appId, position, transaction.snapshot());
        log.requirePinned(transaction.snapshot());
        // also of rows that the statement has no need to read
        transaction.readWholeTable();
        return transaction;
    }

    @Override
    public Option<TransactionExecutionObserver> nextObserver() {
        return next;
    }

    @Override
    public void nextObserver_$eq(Option<TransactionExecutionObserver> observer) {
        next = observer;
    }

    @Override
    public TransactionExecutionObserver createChild() {
        return this;
    }

    @Override
    public <T> T preparingCommit(Function0<T> prepare) {
        return prepare.apply();
    }

    @Override
    public void beginDoCommit() {}

    @Override
    public void beginBackfill() {}

    @Override
    public void beginPostCommit() {}

    @Override
    public void transactionCommitted() {}

    @Override
    public void transactionAborted() {}
}
