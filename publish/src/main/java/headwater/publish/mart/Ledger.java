package headwater.publish.mart;

import headwater.lake.contract.Lsn;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Sql;
import headwater.publish.delta.CuratedVersion;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What MySQL itself knows of its publications, written in the same transactions as the rows: {@value #PUBLICATION} says
 * "complete up to this LSN, committed then", {@value #TABLE} which version of each curated table that is.
 */
public final class Ledger {
    public static final String PUBLICATION = "headwater_publication";
    public static final String TABLE = TableOwners.LEDGER;

    private static final String COMPLETE = "complete";
    private static final String IN_PROGRESS = "in progress";

    /** The definitions of both tables. */
    public static final List<String> DEFINITIONS = List.of(
            "CREATE TABLE IF NOT EXISTS " + PUBLICATION + " ("
                    + "pipeline varchar(64) NOT NULL COMMENT 'name of the pipeline', "
                    + "source_epoch int NOT NULL COMMENT 'grows when the source cluster is replaced', "
                    + "lsn bigint unsigned NULL COMMENT 'the published tables hold everything that the source committed up to this LSN; null before the first publication', "
                    + "state varchar(16) NOT NULL COMMENT 'complete, or in progress: the published tables mix lsn and target_lsn', "
                    + "target_lsn bigint unsigned NULL COMMENT 'where a publication in progress leads', "
                    + "started_at timestamp(6) NULL COMMENT 'UTC: when the last publication began', "
                    + "committed_at timestamp(6) NULL COMMENT 'UTC: when lsn was reached', "
                    + "rows_upserted bigint NOT NULL COMMENT 'by the last complete publication', "
                    + "rows_deleted bigint NOT NULL COMMENT 'by the last complete publication', "
                    + "PRIMARY KEY (pipeline)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 "
                    + "COMMENT='Headwater: up to where each pipeline is published'",
            "CREATE TABLE IF NOT EXISTS " + TABLE + " ("
                    + "pipeline varchar(64) NOT NULL COMMENT 'name of the pipeline', "
                    + "table_name varchar(64) NOT NULL COMMENT 'the published table', "
                    + "source_epoch int NOT NULL COMMENT 'of lsn', "
                    + "lsn bigint unsigned NOT NULL COMMENT 'LSN of the curated version that the table holds', "
                    + "delta_version bigint NOT NULL COMMENT 'that version', "
                    + "delta_table_id varchar(64) NOT NULL COMMENT 'metadata id of the curated table; another one once it was made anew', "
                    + "rows_upserted bigint NOT NULL COMMENT 'by the last publication that changed the table', "
                    + "rows_deleted bigint NOT NULL COMMENT 'by the last publication that changed the table', "
                    + "published_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC: when that publication was complete', "
                    + "PRIMARY KEY (pipeline, table_name)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 "
                    + "COMMENT='Headwater: which curated version each published table holds'");

    /**
     * The row of {@value #PUBLICATION}.
     *
     * @param lsn null before the first complete publication
     * @param targetLsn null unless a publication is in progress
     * @param committedAt null before the first complete publication
     */
    public record PublicationState(
            int epoch,
            @Nullable Lsn lsn,
            boolean complete,
            @Nullable Lsn targetLsn,
            @Nullable Instant committedAt) {}

    /** A row of {@value #TABLE}. */
    public record TableVersion(int epoch, CuratedVersion curated) {}

    private final Connection connection;
    private final String pipeline;

    /** Of one pipeline; the caller keeps and closes the connection. */
    public Ledger(Connection connection, String pipeline) {
        this.connection = connection;
        this.pipeline = pipeline;
    }

    /** What is published; empty before the first publication began. */
    public Optional<PublicationState> publication() throws SQLException {
        return publication("");
    }

    /** Published table to the version that it holds. */
    public Map<String, TableVersion> tables() throws SQLException {
        Map<String, TableVersion> tables = new HashMap<>();
        new Sql(connection)
                .list(
                        "SELECT table_name, source_epoch, lsn, delta_version, delta_table_id FROM " + TABLE
                                + " WHERE pipeline = ?",
                        row -> tables.put(
                                row.getString(1),
                                new TableVersion(
                                        row.getInt(2),
                                        new CuratedVersion(row.getString(5), row.getLong(4), new Lsn(row.getLong(3))))),
                        pipeline);
        return tables;
    }

    /** Locks the pipeline's row until the transaction ends; fails if it is not as the publication found it. */
    public void fence(Optional<PublicationState> expected) throws SQLException {
        Optional<PublicationState> found = publication(" FOR UPDATE");
        if (!found.equals(expected)) {
            throw new Failure(
                    Remedy.RETRY,
                    "Cannot publish: another publisher has changed " + PUBLICATION + " meanwhile, from "
                            + expected.map(Object::toString).orElse("no row") + " to "
                            + found.map(Object::toString).orElse("no row") + ". Run one publisher per pipeline.");
        }
    }

    /** Says that the tables are on their way to a new LSN. */
    public void begin(int epoch, Lsn target, Instant startedAt) throws SQLException {
        new Sql(connection)
                .update(
                        "INSERT INTO " + PUBLICATION
                                + " (pipeline, source_epoch, state, target_lsn, started_at, rows_upserted, rows_deleted)"
                                + " VALUES (?, ?, '" + IN_PROGRESS + "', ?, ?, 0, 0) ON DUPLICATE KEY UPDATE"
                                + " state = VALUES(state), target_lsn = VALUES(target_lsn), started_at = VALUES(started_at)",
                        pipeline,
                        epoch,
                        target.value(),
                        Timestamp.from(startedAt));
    }

    /** Says that all tables stand at a new LSN. */
    public void complete(int epoch, Lsn lsn, Instant startedAt, RowCount rows) throws SQLException {
        new Sql(connection)
                .update(
                        "INSERT INTO " + PUBLICATION
                                + " (pipeline, source_epoch, lsn, state, target_lsn, started_at, committed_at, rows_upserted, rows_deleted)"
                                + " VALUES (?, ?, ?, '" + COMPLETE
                                + "', NULL, ?, UTC_TIMESTAMP(6), ?, ?) ON DUPLICATE KEY UPDATE"
                                + " source_epoch = VALUES(source_epoch), lsn = VALUES(lsn), state = VALUES(state), target_lsn = NULL,"
                                + " started_at = VALUES(started_at), committed_at = VALUES(committed_at),"
                                + " rows_upserted = VALUES(rows_upserted), rows_deleted = VALUES(rows_deleted)",
                        pipeline,
                        epoch,
                        lsn.value(),
                        Timestamp.from(startedAt),
                        rows.upserted(),
                        rows.deleted());
    }

    /** Says which version a table holds; counts and time stay where no row changed. */
    public void complete(String table, int epoch, CuratedVersion version, RowCount rows) throws SQLException {
        String changed = rows.isEmpty()
                ? ""
                : ", rows_upserted = VALUES(rows_upserted), rows_deleted = VALUES(rows_deleted), published_at = VALUES(published_at)";
        new Sql(connection)
                .update(
                        "INSERT INTO " + TABLE
                                + " (pipeline, table_name, source_epoch, lsn, delta_version, delta_table_id, rows_upserted, rows_deleted, published_at)"
                                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE"
                                + " source_epoch = VALUES(source_epoch), lsn = VALUES(lsn), delta_version = VALUES(delta_version),"
                                + " delta_table_id = VALUES(delta_table_id)" + changed,
                        pipeline,
                        table,
                        epoch,
                        version.lsn().value(),
                        version.version(),
                        version.tableId(),
                        rows.upserted(),
                        rows.deleted());
    }

    /** Forgets the pipeline, and drops both tables once no pipeline is left. */
    public void forget() throws SQLException {
        Sql sql = new Sql(connection);
        for (String table : List.of(TABLE, PUBLICATION)) {
            sql.update("DELETE FROM " + table + " WHERE pipeline = ?", pipeline);
        }
        if (!sql.any("SELECT 1 FROM " + PUBLICATION + " LIMIT 1")) {
            sql.run("DROP TABLE " + TABLE + ", " + PUBLICATION);
        }
    }

    private Optional<PublicationState> publication(String lock) throws SQLException {
        return new Sql(connection)
                .first(
                        "SELECT source_epoch, lsn, state, target_lsn, committed_at FROM " + PUBLICATION
                                + " WHERE pipeline = ?" + lock,
                        row -> new PublicationState(
                                row.getInt(1),
                                lsn(row, 2),
                                row.getString(3).equals(COMPLETE),
                                lsn(row, 4),
                                instant(row.getTimestamp(5))),
                        pipeline);
    }

    private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.toInstant();
    }

    private static @Nullable Lsn lsn(ResultSet row, int column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : new Lsn(value);
    }
}
