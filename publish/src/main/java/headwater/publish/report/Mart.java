package headwater.publish.report;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TargetSettings;
import headwater.lake.process.Sql;
import headwater.publish.mart.Ledger;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The published tables, read with the rights of the report user, each answer in one snapshot together with the ledger: what
 * a page says of its LSN is true of all its figures.
 *
 * <p>Each method fails with a {@link Problem} that a reader understands.
 */
public final class Mart implements AutoCloseable {
    /** So many queries at once; further viewers wait their turn rather than slow down the rest. */
    private static final int CONNECTIONS = 4;

    /** A download takes as long as its reader, and keeps nobody from the pages meanwhile. */
    private static final int DOWNLOADS = 2;

    private static final Logger LOG = LoggerFactory.getLogger(Mart.class);
    private static final Duration SLOW = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Pipeline pipeline;
    private final TargetSettings reader;
    private final HikariDataSource pool;
    private final HikariDataSource downloads;
    private final Stopwatch stopwatch;

    /** What is done within one snapshot. */
    private interface Reading<T> {
        T read(Connection connection) throws SQLException;
    }

    /** Takes rows one by one. */
    interface RowVisitor {
        void visit(List<Object> row);
    }

    /** Told how long each visual's query took. */
    public interface Stopwatch {
        void took(Report report, Visual visual, Duration time);
    }

    /** For viewers: says in the log what took longer than a person waits. */
    public Mart(Pipeline pipeline) {
        this(pipeline, (report, visual, time) -> {
            if (time.compareTo(SLOW) > 0) {
                LOG.warn(
                        "Slow query report={} visual={} tookMs={}; \"./headwater setup\" makes missing indexes",
                        report.path(),
                        visual.id(),
                        time.toMillis());
            }
        });
    }

    public Mart(Pipeline pipeline, Stopwatch stopwatch) {
        this.pipeline = pipeline;
        this.stopwatch = stopwatch;
        this.reader = pipeline.reader();
        this.pool = pool(reader, "report", CONNECTIONS, 1);
        this.downloads = pool(reader, "download", DOWNLOADS, 0);
    }

    private static HikariDataSource pool(TargetSettings reader, String name, int most, int idle) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setJdbcUrl(reader.url());
        config.setDataSourceProperties(reader.properties());
        config.addDataSourceProperty("socketTimeout", "60000");
        config.setMaximumPoolSize(most);
        config.setMinimumIdle(idle);
        config.setConnectionTimeout(PATIENCE.toMillis());
        // the server starts where MySQL is down, and says so on its pages
        config.setInitializationFailTimeout(-1);
        config.setReadOnly(true);
        config.setAutoCommit(false);
        config.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
        return new HikariDataSource(config);
    }

    /** What the ledger says now. */
    Published publication() {
        return inSnapshot(this::publication);
    }

    /** All figures of a report, for the filter that an address asks for. */
    public Figures figures(Report report, Optional<String> year, Optional<String> state) {
        require(report);
        return inSnapshot(connection -> {
            Published publication = publication(connection);
            Choices choices = choices(connection);
            Filter filter = choices.filter(year, state);
            Map<String, List<List<Object>>> rows = new LinkedHashMap<>();
            for (Visual visual : report.visuals()) {
                List<List<Object>> found = new ArrayList<>();
                long startedAt = System.nanoTime();
                read(connection, visual.query(filter), filter, found::add);
                stopwatch.took(report, visual, Duration.ofNanos(System.nanoTime() - startedAt));
                rows.put(visual.id(), found);
            }
            return new Figures(report, filter, choices, publication, rows);
        });
    }

    /** One page of the rows behind a report, and one row more where there are further ones. */
    RowPage rows(Report report, Optional<String> year, Optional<String> state, Optional<String> sortedBy, int page) {
        require(report);
        return inSnapshot(connection -> {
            Published publication = publication(connection);
            Choices choices = choices(connection);
            Filter filter = choices.filter(year, state);
            RowTable.Column sort = report.rows().sort(sortedBy);
            FilteredSql all = report.rows().select(filter, sort);
            List<List<Object>> rows = new ArrayList<>();
            read(
                    connection,
                    new FilteredSql(
                            all.text() + " LIMIT " + (RowPage.SIZE + 1) + " OFFSET " + (page - 1) * RowPage.SIZE),
                    filter,
                    rows::add);
            return new RowPage(report, filter, choices, publication, sort, page, rows);
        });
    }

    /** Passes all rows behind a report to the visitor, none of them held; returns their filter. */
    Filter everyRow(Report report, Optional<String> year, Optional<String> state, RowVisitor visitor) {
        require(report);
        return inSnapshot(downloads, connection -> {
            Filter filter = choices(connection).filter(year, state);
            FilteredSql all = report.rows().select(filter, report.rows().sort(Optional.empty()));
            try (PreparedStatement select = all.prepare(connection, filter)) {
                // the one value by which Connector/J streams; a download takes as long as its reader
                select.setFetchSize(Integer.MIN_VALUE);
                select.setQueryTimeout(0);
                visit(select, visitor);
            }
            return filter;
        });
    }

    /** The published tables that a report reads must be in the pipeline. */
    void require(Report report) {
        missing(report).ifPresent(table -> {
            throw Problem.notInPipeline(report.title(), pipeline.name(), table);
        });
    }

    /** The first table that a report reads and the pipeline does not publish. */
    Optional<String> missing(Report report) {
        Set<String> published =
                pipeline.published().stream().map(CuratedSpec::name).collect(Collectors.toSet());
        return report.tables().stream()
                .sorted()
                .filter(table -> !published.contains(table))
                .findFirst();
    }

    @Override
    public void close() {
        pool.close();
        downloads.close();
    }

    private Published publication(Connection connection) throws SQLException {
        return new Ledger(connection, pipeline.name())
                .publication()
                .flatMap(Published::of)
                .orElseThrow(Problem::nothingPublished);
    }

    private static Choices choices(Connection connection) throws SQLException {
        Choices choices = Choices.read(connection);
        if (choices.years().isEmpty()) {
            throw Problem.noRows();
        }
        return choices;
    }

    private static void read(Connection connection, FilteredSql sql, Filter filter, RowVisitor visitor)
            throws SQLException {
        try (PreparedStatement select = sql.prepare(connection, filter)) {
            visit(select, visitor);
        }
    }

    private static void visit(PreparedStatement select, RowVisitor visitor) throws SQLException {
        try (ResultSet row = select.executeQuery()) {
            int columns = row.getMetaData().getColumnCount();
            while (row.next()) {
                List<Object> values = new ArrayList<>(columns);
                for (int column = 1; column <= columns; column++) {
                    Object value = row.getObject(column);
                    values.add(value instanceof Number ? new BigDecimal(value.toString()) : value);
                }
                visitor.visit(values);
            }
        }
    }

    private <T> T inSnapshot(Reading<T> reading) {
        return inSnapshot(pool, reading);
    }

    private <T> T inSnapshot(HikariDataSource from, Reading<T> reading) {
        try (Connection connection = from.getConnection()) {
            new Sql(connection).run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
            // the pool rolls back as the connection comes back
            return reading.read(connection);
        } catch (SQLTransientConnectionException e) {
            boolean full = from == downloads && from.getHikariPoolMXBean().getActiveConnections() >= DOWNLOADS;
            throw full ? Problem.otherDownloads() : Problem.of(e, reader);
        } catch (SQLException e) {
            throw Problem.of(e, reader);
        }
    }
}
