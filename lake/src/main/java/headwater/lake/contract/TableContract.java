package headwater.lake.contract;

import static headwater.lake.contract.Column.optional;
import static headwater.lake.contract.Column.required;
import static headwater.lake.contract.ColumnType.DATE;
import static headwater.lake.contract.ColumnType.INTEGER;
import static headwater.lake.contract.ColumnType.LONG;
import static headwater.lake.contract.ColumnType.STRING;
import static headwater.lake.contract.ColumnType.TIMESTAMP;

import java.util.List;
import java.util.Map;

/**
 * The shape of a table that capture writes. It is fixed from the first day: a change of the source's schema must never
 * stop capture, so the source's columns travel as JSON inside it.
 */
public record TableContract(List<Column> columns, List<String> partitionColumns, Map<String, String> properties) {

    /**
     * {@code raw/changes}: every change of every captured table, append-only, one row per change.
     *
     * <p>{@code key}, {@code old_key}, {@code before} and {@code after} are flat JSON objects from column name to the
     * value's PostgreSQL text form as a JSON string, or null: nothing is lost to a number or time type. Columns come in
     * the source's order; columns that the change did not carry are absent from {@code after} and named in
     * {@code unchanged}.
     */
    public static final TableContract RAW_CHANGES = new TableContract(
            List.of(
                    required("source_epoch", INTEGER, "grows when the source cluster is replaced"),
                    required("commit_lsn", LONG, "END LSN of the transaction's commit record"),
                    required("tx_id", LONG, "the source's transaction id"),
                    required("tx_order", LONG, "place within the transaction, from 1"),
                    required("op", STRING, "c create, u update, d delete, t truncate, m message"),
                    optional("source_schema", STRING, "null for op m"),
                    optional("source_table", STRING, "null for op m"),
                    optional("key", STRING, "JSON of the key columns; null for op t and m and for tables without key"),
                    optional("old_key", STRING, "JSON of the key before a key update, on its op c"),
                    optional("before", STRING, "JSON of the old row, only under REPLICA IDENTITY FULL"),
                    optional("after", STRING, "JSON of the new row, null for op d, t and m"),
                    optional("unchanged", STRING, "JSON array of the columns whose TOAST value was not sent"),
                    optional("message", STRING, "JSON: prefix and content of op m, flags of op t"),
                    required("committed_at", TIMESTAMP, "the source's commit time"),
                    required("captured_at", TIMESTAMP, "when capture decoded the change"),
                    optional("schema_id", STRING, "schema_id of raw/schemas; null for op m"),
                    optional("attributes", STRING, "JSON, reserved"),
                    required("captured_day", DATE, "UTC day of captured_at")),
            List.of("captured_day"),
            Map.of(
                    "headwater.format", "1",
                    "delta.appendOnly", "true",
                    "delta.checkpointInterval", "100",
                    "delta.feature.domainMetadata", "supported"));

    /** {@code raw/schemas}: each distinct schema of a source table once. */
    public static final TableContract RAW_SCHEMAS = new TableContract(
            List.of(
                    required("schema_id", STRING, "first 16 hex digits of the SHA-256 of table, columns and key"),
                    required("source_schema", STRING, "schema of the table"),
                    required("source_table", STRING, "name of the table"),
                    required(
                            "columns",
                            STRING,
                            "JSON array of {name, type, length, scale, nullable} in the source's order, type as PostgreSQL names it"),
                    required("key", STRING, "JSON array of the key columns' names"),
                    required("source_epoch", INTEGER, "epoch of the first change under it"),
                    required("first_lsn", LONG, "commit LSN of the first change under it"),
                    required("recorded_at", TIMESTAMP, "when capture first met it"),
                    optional(
                            "catalog",
                            STRING,
                            "JSON {tableOid, replicaIdentity, columns: [{name, type, typeOid, typmod, nullable, generated, attnum}]}"
                                    + " as the catalog had it then; null where it was of another schema already, and in lakes that began without it")),
            List.of(),
            Map.of("headwater.format", "1", "delta.appendOnly", "true"));
}
