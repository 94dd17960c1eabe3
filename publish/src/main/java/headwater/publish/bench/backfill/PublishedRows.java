package headwater.publish.bench.backfill;

import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TargetSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Sql;
import headwater.lake.store.LakeConfiguration;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** What the chain leaves in MySQL. */
final class PublishedRows {

    /** Drops the database, so that a run starts from nothing. */
    static void drop(TargetSettings target) throws SQLException {
        try (Connection server = target.openServer()) {
            new Sql(server).run("DROP DATABASE IF EXISTS `" + target.database() + "`");
        }
    }

    /** Fails unless MySQL holds as many rows of each published table as the lake. */
    static void requireAll(Pipeline pipeline) throws SQLException {
        try (Connection target = pipeline.target().open();
                Statement statement = target.createStatement()) {
            for (CuratedSpec spec : pipeline.published()) {
                long built = StoredTables.of(
                                LakeConfiguration.of(pipeline.lake()),
                                List.of(pipeline.layout().curated(spec.name())))
                        .rows();
                require(spec, built, count(statement, spec));
            }
        }
    }

    private static void require(CuratedSpec spec, long built, long published) {
        if (built == 0 || published != built) {
            throw new Failure(
                    Remedy.BUG,
                    "The benchmark is void: MySQL has " + published + " rows of " + spec.name() + ", and the lake has "
                            + built + ".");
        }
    }

    private static long count(Statement statement, CuratedSpec spec) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT count(*) FROM `" + spec.name() + "`")) {
            row.next();
            return row.getLong(1);
        }
    }

    private PublishedRows() {}
}
