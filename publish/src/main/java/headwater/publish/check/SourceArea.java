package headwater.publish.check;

import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.source.ReplicationSlot;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** PostgreSQL: server, role, tables, publication and slot. */
final class SourceArea implements PipelineCheck.Area {
    private final Pipeline pipeline;
    private final SourceSettings source;

    SourceArea(Pipeline pipeline) {
        this.pipeline = pipeline;
        this.source = pipeline.source();
    }

    @Override
    public void look(Findings findings) {
        try (Connection connection = source.open()) {
            SourceServer server = SourceServer.read(connection, source);
            server.look(findings);
            if (server.isTooOld()) {
                return;
            }
            lookForTables(connection, findings);
            lookForSlot(connection, server, findings);
        } catch (Failure e) {
            findings.fault(e.getMessage());
        } catch (SQLException e) {
            findings.fault("Cannot ask PostgreSQL at " + source.url() + " as " + source.user() + ": " + e.getMessage()
                    + ". Check the server and the role's rights.");
        }
    }

    private void lookForTables(Connection connection, Findings findings) throws SQLException {
        int before = findings.faults();
        List<SourcePublicationTable> tables = new ArrayList<>();
        for (TableSpec table : pipeline.tables()) {
            SourcePublicationTable.look(connection, table, findings).ifPresent(tables::add);
        }
        if (findings.faults() == before) {
            findings.fine("PostgreSQL: " + tables.size()
                    + " tables: ok, each with a usable replica identity and types that arrive as they are");
        }
        if (!SourcePublicationState.takesColumnLists(connection)
                && tables.stream().anyMatch(table -> !table.columns().isEmpty())) {
            findings.fault(
                    "Cannot exclude columns at this source: PostgreSQL has column lists of publications since 15. Upgrade it, or remove exclude from the pipeline file.");
        }
        lookForPublication(connection, tables, findings);
    }

    private void lookForPublication(Connection connection, List<SourcePublicationTable> tables, Findings findings)
            throws SQLException {
        String name = source.publication();
        Optional<SourcePublicationState> there = SourcePublicationState.read(connection, name);
        if (there.isEmpty()) {
            findings.fine("PostgreSQL: publication " + name + " is not there yet: setup makes it");
            lookForOwner(tables, findings);
            SourceRights.read(connection).lookForCreate(findings);
        } else if (there.get().allTables()) {
            findings.fault("Cannot use the publication " + name
                    + ": it is FOR ALL TABLES. Drop it, or give source.publication another name.");
        } else if (there.get().other(source, tables).isPresent()) {
            findings.fault(there.get().other(source, tables).orElseThrow());
        } else if (there.get().isFor(tables)) {
            findings.fine("PostgreSQL: publication " + name + ": ok");
        } else if (tables.size() == pipeline.tables().size()) {
            String difference = "Cannot capture by the publication " + name + ": it "
                    + there.get().difference(tables) + ". ";
            if (there.get().owned()) {
                findings.unprepared(difference + "Run \"headwater setup\", which alters it.");
                lookForOwner(tables, findings);
            } else {
                findings.fault(difference + "It belongs to another role: let that one drop it, or give "
                        + "source.publication another name.");
            }
        }
    }

    /** Only an owner of a table may publish it. */
    private void lookForOwner(List<SourcePublicationTable> tables, Findings findings) {
        List<SourcePublicationTable> foreign =
                tables.stream().filter(table -> !table.owned()).toList();
        if (!foreign.isEmpty()) {
            String owners = foreign.stream()
                    .map(table -> table.table() + " (of " + table.owner() + ")")
                    .collect(Collectors.joining(", "));
            findings.fault("Cannot publish the source tables: " + source.user() + " does not own " + owners
                    + ". Run GRANT " + SourceTable.quote(foreign.get(0).owner()) + " TO "
                    + SourceTable.quote(source.user()) + ", or make it their owner.");
        }
    }

    private void lookForSlot(Connection connection, SourceServer server, Findings findings) throws SQLException {
        Optional<ReplicationSlot> slot = ReplicationSlot.read(connection, source.slot());
        Optional<String> fault = slot.flatMap(there -> there.fault(source));
        fault.ifPresent(findings::fault);
        if (slot.isEmpty()) {
            findings.fine("PostgreSQL: slot " + source.slot() + " is not there yet: setup makes it");
        } else if (fault.isEmpty()) {
            findings.fine("PostgreSQL: slot " + source.slot() + ": ok, confirmed up to "
                    + slot.get().confirmed().orElseThrow()
                    + (slot.get().activePid().isPresent() ? ", capture reads it" : ", nothing reads it now"));
        }
        server.lookForRoom(slot, findings);
    }
}
