package headwater.lake.load;

import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.MaskedColumns;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Sql;
import headwater.lake.raw.PageRange;
import headwater.lake.source.CatalogColumn;
import headwater.lake.source.ReplicationSlot;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/** What a load asks PostgreSQL's catalog. */
public final class SourceCatalog implements AutoCloseable {
    /** 64 MB: a task of a few seconds, a file of a good size, and what an ended load may have to read again; tests set less. */
    private static final long PAGES = Long.getLong("headwater.rangePages", 8192);

    private final Connection connection;

    /**
     * A table as it is to be read.
     *
     * @param rows the planner's estimate, 0 if unknown
     */
    record Plan(List<SourceColumn> columns, List<PageRange> ranges, long rows) {

        /** The columns as the lake types them. */
        StructType schema() {
            StructType schema = new StructType();
            for (SourceColumn column : columns) {
                schema = schema.add(column.name(), column.type());
            }
            return schema;
        }
    }

    public SourceCatalog(SourceSettings source) {
        this.connection = source.open();
    }

    /**
     * The LSN from which on the slot has every change.
     *
     * @throws Failure OPERATOR if there is no slot, or it is lost: changes after a load would be, too
     */
    public Lsn start(SourceSettings source) {
        try {
            ReplicationSlot slot = ReplicationSlot.read(connection, source.slot())
                    .orElseThrow(() -> ReplicationSlot.missing(source.slot()));
            slot.fault(source).ifPresent(fault -> {
                throw new Failure(Remedy.OPERATOR, fault);
            });
            return slot.confirmed().orElseThrow();
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    Plan plan(TableSpec spec) {
        List<SourceColumn> columns = columns(spec);
        List<PageRange> ranges = new ArrayList<>();
        long rows = 0;
        String sql = """
                SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relkind,
                       pg_relation_size(c.oid) / current_setting('block_size')::bigint, greatest(c.reltuples, 0)::bigint
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.oid = to_regclass(?1) AND c.relkind <> 'p'
                   OR c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass(?1)) WHERE isleaf)
                ORDER BY 1""".replace("?1", literal(spec.source().sql()));
        for (Leaf leaf :
                query(sql, row -> new Leaf(row.getString(1), row.getString(2), row.getLong(3), row.getLong(4)))) {
            if (!leaf.kind().equals("r")) {
                throw new Failure(
                        Remedy.OPERATOR,
                        "Cannot load " + spec.source() + ": " + leaf.name()
                                + " is not a plain table. Views and foreign tables have no changes to capture.");
            }
            ranges.addAll(ranges(leaf));
            rows += leaf.rows();
        }
        return new Plan(columns, ranges, rows);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    private record Leaf(String name, String kind, long pages, long rows) {}

    private static List<PageRange> ranges(Leaf leaf) {
        List<PageRange> ranges = new ArrayList<>();
        for (long from = 0; from == 0 || from < leaf.pages(); from += PAGES) {
            ranges.add(new PageRange(leaf.name(), from, from + PAGES < leaf.pages() ? from + PAGES : -1));
        }
        return ranges;
    }

    /** Generated columns are not in change events, so a load leaves them out too. */
    private List<SourceColumn> columns(TableSpec spec) {
        List<CatalogColumn> all =
                query(
                                "SELECT to_regclass(?)::oid",
                                row -> row.getLong(1),
                                spec.source().sql())
                        .stream()
                        .flatMap(table -> catalog(table).stream())
                        .filter(column -> !column.generated() && !spec.exclude().contains(column.name()))
                        .toList();
        if (all.isEmpty()) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot load " + spec.source()
                            + ": the source has no such table, or none of its columns is readable. Check tables."
                            + spec.name() + ".source in the pipeline file.");
        }
        MaskedColumns.of(spec).require(all.stream().map(CatalogColumn::name).toList(), spec.key());
        return all.stream().map(column -> SourceColumn.of(spec, column)).toList();
    }

    private List<CatalogColumn> catalog(long table) {
        try {
            return CatalogColumn.of(connection, table);
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    private <T> List<T> query(String sql, Sql.RowMapper<T> mapper, Object... values) {
        try {
            return new Sql(connection).list(sql, mapper, values);
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private static Failure failure(SQLException e) {
        return new Failure(Remedy.OPERATOR, "Cannot read PostgreSQL's catalog: " + e.getMessage(), e);
    }
}
