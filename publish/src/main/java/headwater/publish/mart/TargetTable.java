package headwater.publish.mart;

import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Writes one published table over a connection whose transaction the caller holds. */
public final class TargetTable {
    /** Rows per executed batch; the driver splits it further by the server's max_allowed_packet. */
    private static final int BATCH = 5_000;

    private final Connection connection;
    private final TargetStatements statements;
    private final List<PublishedColumn> columns;
    private final String collation;
    private List<String> staged = List.of();

    public TargetTable(Connection connection, TargetStatements statements, List<PublishedColumn> columns)
            throws SQLException {
        this.connection = connection;
        this.statements = statements;
        this.columns = columns;
        this.collation = TargetServer.of(connection).collation();
    }

    /** Inserts each row or sets all its columns. */
    public void upsert(List<Object[]> rows) throws SQLException {
        batches(statements.upsert(), rows, (statement, row) -> {
            for (int i = 0; i < row.length; i++) {
                statement.setObject(i + 1, columns.get(i).checked(row[i]));
            }
        });
    }

    public void delete(List<RowKey> keys) throws SQLException {
        batches(statements.delete(), keys, TargetTable::bind);
    }

    /** Begins an empty stage of values of these columns. No part of a transaction. */
    public void beginStage(List<String> columns) throws SQLException {
        endStage();
        execute(statements.createStage(columns, collation));
        staged = columns;
    }

    public void stage(List<RowKey> values) throws SQLException {
        batches(statements.insertStage(staged), values, TargetTable::bind);
    }

    /**
     * Deletes rows whose values are not staged.
     *
     * @param partition values of the partition columns, or empty for the whole table
     * @param most ends after so many rows
     * @return rows deleted
     */
    public int deleteUnstaged(List<Object> partition, int most) throws SQLException {
        List<String> within =
                partition.isEmpty() ? List.of() : statements.spec().partitionBy();
        return new Sql(connection).update(statements.deleteUnstaged(staged, within, most), partition.toArray());
    }

    /** The values of the partition columns of which the table has rows and the stage has none. */
    public List<List<Object>> unstagedPartitions() throws SQLException {
        return new Sql(connection).list(statements.unstagedPartitions(), row -> {
            List<Object> partition = new ArrayList<>();
            for (int i = 1; i <= staged.size(); i++) {
                partition.add(row.getObject(i));
            }
            return partition;
        });
    }

    /** Deletes up to so many rows of a partition and says how many there were. */
    public int deletePartition(List<Object> partition, int most) throws SQLException {
        return new Sql(connection).update(statements.deletePartition(most), partition.toArray());
    }

    public boolean isEmpty() throws SQLException {
        return !new Sql(connection).any(statements.anyRow());
    }

    void endStage() throws SQLException {
        execute(statements.dropStage());
    }

    private interface Binder<T> {
        void bind(PreparedStatement statement, T row) throws SQLException;
    }

    private <T> void batches(String sql, List<T> rows, Binder<T> binder) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int bound = 0;
            long bytes = 0;
            for (T row : rows) {
                binder.bind(statement, row);
                statement.addBatch();
                bound++;
                bytes += row instanceof Object[] values ? RowBytes.of(values) : 0;
                if (bound == BATCH || bytes >= RowBytes.MOST_BOUND) {
                    statement.executeBatch();
                    bound = 0;
                    bytes = 0;
                }
            }
            if (bound > 0) {
                statement.executeBatch();
            }
        }
    }

    private static void bind(PreparedStatement statement, RowKey key) throws SQLException {
        for (int i = 0; i < key.values().size(); i++) {
            statement.setObject(i + 1, key.values().get(i));
        }
    }

    private void execute(String sql) throws SQLException {
        new Sql(connection).run(sql);
    }
}
