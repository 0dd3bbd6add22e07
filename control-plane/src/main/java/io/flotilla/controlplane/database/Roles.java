package io.flotilla.controlplane.database;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Roles and databases of the server, made if missing. DDL takes no parameters, hence the quoting. */
final class Roles {

    private Roles() {}

    /** Makes the login without any right, or sets its password. */
    static void ensure(Statement statement, Endpoint.Login login) throws SQLException {
        String role = statement.enquoteIdentifier(login.name(), true);
        String password = statement.enquoteLiteral(login.password());
        String verb = exists(statement, "SELECT 1 FROM pg_roles WHERE rolname = ", login.name()) ? "ALTER" : "CREATE";
        statement.execute(verb + " ROLE " + role + " LOGIN PASSWORD " + password);
    }

    static void ensureDatabase(Statement statement, String name, String owner) throws SQLException {
        if (!exists(statement, "SELECT 1 FROM pg_database WHERE datname = ", name)) {
            statement.execute("CREATE DATABASE " + statement.enquoteIdentifier(name, true) + " OWNER "
                    + statement.enquoteIdentifier(owner, true));
        }
    }

    private static boolean exists(Statement statement, String query, String name) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query + statement.enquoteLiteral(name))) {
            return rows.next();
        }
    }
}
