package headwater.lake.curate;

import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.table.CollectedRows;
import headwater.lake.table.Upstream;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The SQL of a curated table: the rows that it gives now, and which of them changes of its upstreams touch. */
final class CuratedQuery {
    private final SparkSession session;
    private final Collection<Upstream> upstreams;
    private final Map<String, String> constants;
    private final CuratedSpec spec;
    private @Nullable UsedColumns used;

    /** @param session of this table alone: its views belong to the session */
    CuratedQuery(
            SparkSession session,
            Collection<? extends Upstream> upstreams,
            Map<String, String> constants,
            CuratedSpec spec) {
        this.session = session;
        this.upstreams = List.copyOf(upstreams);
        this.constants = constants;
        this.spec = spec;
    }

    /** What the SQL gives over the upstreams now, in the order of the pipeline file. */
    Dataset<Row> rows() {
        upstreams.forEach(table -> table.live(session).createOrReplaceTempView(table.name()));
        constants.forEach((name, sql) -> session.sql(sql).createOrReplaceTempView(name));
        return session.sql(spec.sql()).select(TableDifference.columns(spec));
    }

    /**
     * The part of the table that changes touch, after {@link #rows} has named the upstreams; empty if that is unknown, or so
     * much that the whole is compared.
     *
     * @param changes net images per upstream
     * @param present the table as it is, which queries in {@code affectedBy} may look into under its name
     */
    Optional<Scope> affected(Map<String, CollectedRows> changes, Dataset<Row> present) {
        present.createOrReplaceTempView(spec.name());
        try {
            return new AffectedRows(session, spec, used(present.schema())).of(present.schema(), changes);
        } finally {
            // the SQL reads no table before itself
            session.catalog().dropTempView(spec.name());
        }
    }

    /** What the SQL and the queries for affected rows read of the upstreams. */
    private UsedColumns used(StructType own) {
        UsedColumns known = used;
        if (known != null) {
            return known;
        }
        UsedColumns columns = new UsedColumns(session);
        upstreams.forEach(table -> columns.table(table.name(), table.columns()));
        columns.table(spec.name(), own);
        constants.forEach(columns::constants);
        spec.affectedBy().forEach((upstream, query) -> {
            columns.add(upstream, upstream, spec.sql());
            columns.table(AffectedRows.CHANGES, upstream(upstream).columns());
            columns.add(upstream, AffectedRows.CHANGES, query);
        });
        used = columns;
        return columns;
    }

    private Upstream upstream(String name) {
        return upstreams.stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
