package headwater.publish.check;

import headwater.lake.contract.SourceTable;
import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * What the pipeline's role may do at the source beyond its tables.
 *
 * @param replicates by its attribute, as a superuser, or as a member of RDS's role
 * @param creates whether it may create objects such as a publication in the database
 */
record SourceRights(String role, String database, boolean replicates, boolean creates) {
    private static final String RIGHTS = """
            SELECT rolname::text, current_database()::text,
                   rolsuper OR rolreplication OR EXISTS (
                     SELECT 1 FROM pg_roles rds WHERE rds.rolname = 'rds_replication' AND pg_has_role(rds.oid, 'MEMBER')),
                   has_database_privilege(current_database(), 'CREATE')
            FROM pg_roles WHERE rolname = current_user
            """;

    static SourceRights read(Connection connection) throws SQLException {
        return new Sql(connection)
                .one(
                        RIGHTS,
                        row -> new SourceRights(
                                row.getString(1), row.getString(2), row.getBoolean(3), row.getBoolean(4)));
    }

    void lookForReplication(Findings findings) {
        if (!replicates) {
            findings.fault("Cannot capture as " + role + ": the role may not replicate. Run ALTER ROLE "
                    + SourceTable.quote(role) + " REPLICATION as a superuser (on RDS: GRANT rds_replication TO "
                    + SourceTable.quote(role) + ").");
        }
    }

    void lookForCreate(Findings findings) {
        if (!creates) {
            findings.fault(
                    "Cannot create the publication as " + role + ": the role may not create anything in the database "
                            + database + ". Run GRANT CREATE ON DATABASE " + SourceTable.quote(database) + " TO "
                            + SourceTable.quote(role) + ".");
        }
    }
}
