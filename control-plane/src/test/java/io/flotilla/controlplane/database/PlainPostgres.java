package io.flotilla.controlplane.database;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * A PostgreSQL that the control plane knows by its URL only. It can be ended and started again on the same port; its
 * users are ordinary ones.
 */
public final class PlainPostgres implements AutoCloseable {

    private static final String PASSWORD = "s3cret/with:signs";

    private final Path root;
    private final EmbeddedServer server;
    private Endpoint endpoint;

    public PlainPostgres() throws IOException, InterruptedException {
        root = TestServer.temporary();
        server = EmbeddedServer.prepare(
                root.resolve("pg"), TestServer.programs(), root.resolve("secret"), List.of("fsync=off"));
        endpoint = server.start();
    }

    /**
     * Makes an owner and an empty database of the same name.
     *
     * @param rights of the owner, such as {@code CREATEROLE}; never superuser
     * @return what {@code --database-url} takes
     */
    public String owner(String name, String rights) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE ROLE " + name + " LOGIN NOSUPERUSER " + rights + " PASSWORD '" + PASSWORD + "'");
            statement.execute("CREATE DATABASE " + name + " OWNER " + name);
        }
        return url(name);
    }

    /** Lets an ordinary login in without any right of its own. */
    public String login(String name, String database) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE ROLE " + name + " LOGIN PASSWORD '" + PASSWORD + "'");
        }
        return url(name).replaceAll("/[^/]*$", "/" + database);
    }

    private String url(String name) {
        String place = endpoint.url().replaceAll("^.*//|/.*$", "");
        return "postgresql://" + name + ":s3cret%2Fwith%3Asigns@" + place + "/" + name;
    }

    private Connection connect() throws SQLException {
        Endpoint.Login superuser = server.superuser();
        return DriverManager.getConnection(
                endpoint.url().replaceAll("/[^/]*$", "/postgres"), superuser.name(), superuser.password());
    }

    public void stop() throws IOException {
        server.stop();
    }

    public void start() throws IOException, InterruptedException {
        endpoint = server.start();
    }

    @Override
    public void close() throws IOException {
        server.stop();
        Directories.delete(root);
    }
}
