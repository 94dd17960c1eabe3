package headwater.publish.check;

import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TargetSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Sql;
import headwater.publish.mart.TableOwners;
import headwater.publish.mart.TargetServer;
import headwater.publish.mart.TargetShape;
import headwater.publish.mart.TargetStatements;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;

/** MySQL: server, the user's rights, database and tables. */
final class TargetArea implements PipelineCheck.Area {
    /** A row of the widest table that InnoDB takes, quoted, with the statement around it. */
    private static final long LEAST_PACKET = 256 << 10;
    /** Below it a batch goes in so many pieces that publishing is slow. */
    private static final long GOOD_PACKET = 4 << 20;

    /** The global mode: the driver makes its own session strict. */
    private static final String SERVER = """
            SELECT VERSION(), @@GLOBAL.sql_mode, @@max_allowed_packet, @@read_only, UTC_TIMESTAMP(6)
            """;

    private final Pipeline pipeline;
    private final TargetSettings target;

    TargetArea(Pipeline pipeline) {
        this.pipeline = pipeline;
        this.target = pipeline.target();
    }

    @Override
    public void look(Findings findings) {
        try (Connection server = target.openServer()) {
            lookForServer(server, findings);
            lookForDatabase(server, findings);
        } catch (Failure e) {
            findings.fault(e.getMessage());
        } catch (SQLException e) {
            findings.fault("Cannot use MySQL at " + target.url() + " as " + target.user() + ": " + e.getMessage()
                    + ". Check the server and the user's rights.");
        }
    }

    private void lookForServer(Connection server, Findings findings) throws SQLException {
        int before = findings.faults();
        Instant asked = Instant.now();
        try (Statement statement = server.createStatement();
                ResultSet row = statement.executeQuery(SERVER)) {
            row.next();
            Instant shown = row.getObject(5, java.time.LocalDateTime.class).toInstant(ZoneOffset.UTC);
            new ServerClock("MySQL", shown).warning(asked, Instant.now()).ifPresent(findings::warning);
            lookForMode(row.getString(2), findings);
            lookForPacket(row.getLong(3), findings);
            if (row.getBoolean(4)) {
                findings.fault("Cannot publish to MySQL at " + target.url()
                        + ": it is read-only (read_only=ON), as a replica is. Name the primary in target.url.");
            }
            lookForCollation(server, row.getString(1), findings);
            transport().ifPresent(findings::warning);
            if (findings.faults() == before) {
                findings.fine("MySQL " + row.getString(1) + " at " + address().getAuthority() + ": ok as "
                        + target.user() + ", max_allowed_packet " + row.getLong(3) + ", TLS " + target.tls());
            }
        }
    }

    private void lookForMode(String mode, Findings findings) {
        if (!mode.contains("STRICT_TRANS_TABLES") && !mode.contains("STRICT_ALL_TABLES")) {
            findings.warning("MySQL's sql_mode is \"" + mode
                    + "\", which is not strict: Headwater's own sessions are, but whoever else writes there has values"
                    + " cut without an error. Add STRICT_TRANS_TABLES to sql_mode of the server.");
        }
    }

    private void lookForPacket(long bytes, Findings findings) {
        String text = "MySQL's max_allowed_packet is " + bytes + " bytes, ";
        if (bytes < LEAST_PACKET) {
            findings.fault("Cannot publish to MySQL at " + target.url() + ": max_allowed_packet is " + bytes
                    + " bytes, and one row may need " + LEAST_PACKET + ". Set max_allowed_packet to 64M.");
        } else if (bytes < GOOD_PACKET) {
            findings.warning(text + "so a batch of rows goes in many small statements and publishing is slow."
                    + " Set max_allowed_packet to 64M.");
        }
    }

    private void lookForCollation(Connection server, String version, Findings findings) throws SQLException {
        String collation = TargetServer.of(server).collation();
        if (!new Sql(server).any("SELECT 1 FROM information_schema.collations WHERE collation_name = ?", collation)) {
            findings.fault("Cannot publish to MySQL " + version + " at " + target.url()
                    + ": it lacks the collation " + collation
                    + ", by which keys compare as in the lake. Upgrade to MySQL 8.0.17 or MariaDB 10.2 or newer.");
        }
    }

    private void lookForDatabase(Connection server, Findings findings) throws SQLException {
        String database = target.database();
        TargetRights rights = TargetRights.probe(server, pipeline);
        if (!rights.missing().isEmpty()) {
            findings.fault("Cannot publish into the MySQL database " + database + ": the user " + target.user()
                    + " lacks " + String.join(", ", rights.missing()) + " there. Run GRANT ALL ON "
                    + TargetStatements.quote(database) + ".* TO '" + target.user() + "'@'...' as an administrator.");
        } else if (databaseExists(server)) {
            int before = findings.faults();
            try (Connection connection = target.open()) {
                lookForTables(connection, findings);
            }
            if (findings.faults() == before) {
                findings.fine("MySQL: database " + database + ": ok, " + target.user()
                        + " may create, alter, fill and drop tables there");
            }
        } else {
            findings.fine("MySQL: database " + database + " is not there yet, and " + target.user()
                    + " may create it: setup makes it");
        }
    }

    private boolean databaseExists(Connection server) throws SQLException {
        return new Sql(server)
                .any("SELECT 1 FROM information_schema.schemata WHERE schema_name = ?", target.database());
    }

    private void lookForTables(Connection connection, Findings findings) throws SQLException {
        String collation = TargetServer.of(connection).collation();
        if (exists(connection, TableOwners.LEDGER)) {
            TableOwners.conflicts(connection, pipeline).forEach(findings::fault);
        }
        for (CuratedSpec table : pipeline.published()) {
            TargetStatements statements = new TargetStatements(table);
            try {
                if (exists(connection, table.name())) {
                    TargetShape.differences(connection, statements, collation).forEach(findings::fault);
                } else {
                    TargetShape.tryTypes(connection, statements, collation);
                }
            } catch (SQLException e) {
                findings.fault(TargetShape.cannotCreate(table, e));
            }
        }
    }

    private boolean exists(Connection connection, String table) throws SQLException {
        try (ResultSet row = connection.getMetaData().getTables(target.database(), null, table, null)) {
            return row.next();
        }
    }

    private Optional<String> transport() {
        NetworkTrust trust = new NetworkTrust(target.host(), "target.tls " + target.tls(), "VERIFY_IDENTITY");
        return switch (target.tls()) {
            case "DISABLED" -> trust.unencrypted();
            case "REQUIRED" -> trust.unverified();
            default -> Optional.empty();
        };
    }

    private URI address() {
        return URI.create(target.url().substring("jdbc:".length()));
    }
}
