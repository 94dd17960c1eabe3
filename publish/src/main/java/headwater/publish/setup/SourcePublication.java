package headwater.publish.setup;

import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Sql;
import headwater.publish.check.SourcePublicationState;
import headwater.publish.check.SourcePublicationTable;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The publication: exactly the pipeline's tables, partitions under their root's name. */
final class SourcePublication {
    private final Connection connection;
    private final String name;
    private final SourceSettings source;

    SourcePublication(Connection connection, SourceSettings source) {
        this.connection = connection;
        this.name = source.publication();
        this.source = source;
    }

    void setUp(List<SourcePublicationTable> tables, PrintWriter out) throws SQLException {
        Optional<SourcePublicationState> there = SourcePublicationState.read(connection, name);
        there.flatMap(state -> state.other(source, tables)).ifPresent(other -> {
            throw new Failure(Remedy.OPERATOR, other);
        });
        if (there.isEmpty()) {
            execute("CREATE PUBLICATION " + sql() + " FOR TABLE " + list(tables)
                    + " WITH (publish_via_partition_root = true)");
            out.println("PostgreSQL: publication " + name + " created for " + names(tables));
        } else if (there.get().isFor(tables)) {
            out.println("PostgreSQL: publication " + name + " is there for " + names(tables));
        } else {
            execute("ALTER PUBLICATION " + sql() + " SET TABLE " + list(tables));
            if (!there.get().complete()) {
                execute("ALTER PUBLICATION " + sql()
                        + " SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = true)");
            }
            out.println("PostgreSQL: publication " + name + " altered to " + names(tables));
        }
        // two pipelines with one name would take each other's tables out of it
        execute("COMMENT ON PUBLICATION " + sql() + " IS '" + SourcePublicationState.mark(source) + "'");
    }

    void drop(PrintWriter out) throws SQLException {
        Optional<SourcePublicationState> there = SourcePublicationState.read(connection, name);
        if (there.isPresent() && there.get().isOfAnother(source)) {
            out.println("PostgreSQL: publication " + name + " is of another pipeline ("
                    + there.get().mark() + "), left alone");
            return;
        }
        boolean existed = there.isPresent();
        execute("DROP PUBLICATION IF EXISTS " + sql());
        out.println("PostgreSQL: publication " + name + (existed ? " dropped" : " is not there"));
    }

    private static String list(List<SourcePublicationTable> tables) {
        return tables.stream()
                .map(table -> table.table().sql()
                        + (table.columns().isEmpty()
                                ? ""
                                : table.columns().stream()
                                        .map(SourceTable::quote)
                                        .collect(Collectors.joining(", ", " (", ")"))))
                .collect(Collectors.joining(", "));
    }

    private static String names(List<SourcePublicationTable> tables) {
        return tables.stream().map(table -> table.table().toString()).collect(Collectors.joining(", "));
    }

    private String sql() {
        return SourceTable.quote(name);
    }

    private void execute(String sql) throws SQLException {
        new Sql(connection).run(sql);
    }
}
