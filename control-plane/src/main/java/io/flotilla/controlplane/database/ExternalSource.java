package io.flotilla.controlplane.database;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL that someone else runs. The URL's login owns the tables; the application gets a login of its own, given
 * or made by the owner with a password derived from the owner's, so that several replicas agree without talking.
 */
record ExternalSource(String url, String database, Endpoint.Login owner, Endpoint.@Nullable Login application)
        implements EndpointSource {

    /** @throws IllegalArgumentException saying what a URL looks like; it never repeats the URL, which has a password */
    static ExternalSource of(String ownerUrl, @Nullable String applicationUrl) {
        URI owner = parse(ownerUrl, "--database-url");
        String database = owner.getPath().substring(1);
        String query = owner.getQuery() == null ? "" : "?" + owner.getRawQuery();
        int port = owner.getPort() < 0 ? 5432 : owner.getPort();
        return new ExternalSource(
                "jdbc:postgresql://" + owner.getHost() + ":" + port + owner.getRawPath() + query,
                database,
                login(owner),
                applicationUrl == null ? null : login(parse(applicationUrl, "--database-app-url")));
    }

    private static URI parse(String url, String option) {
        URI uri;
        try {
            uri = URI.create(url.startsWith("jdbc:") ? url.substring("jdbc:".length()) : url);
        } catch (IllegalArgumentException e) {
            throw malformed(option);
        }
        boolean scheme = "postgresql".equals(uri.getScheme()) || "postgres".equals(uri.getScheme());
        String login = uri.getRawUserInfo();
        if (!scheme
                || uri.getHost() == null
                || login == null
                || !login.contains(":")
                || uri.getPath().length() < 2) {
            throw malformed(option);
        }
        return uri;
    }

    private static IllegalArgumentException malformed(String option) {
        return new IllegalArgumentException(
                option + " must look like postgresql://user:password@host:5432/database (special characters as %XX)");
    }

    private static Endpoint.Login login(URI uri) {
        String[] parts = uri.getRawUserInfo().split(":", 2);
        return new Endpoint.Login(decoded(parts[0]), decoded(parts[1]));
    }

    private static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public Endpoint open() throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, owner.name(), owner.password())) {
            if (application != null) {
                return new Endpoint(url, owner, application);
            }
            Endpoint.Login own = new Endpoint.Login(
                    database + "_app",
                    new Secret(owner.password().getBytes(StandardCharsets.UTF_8)).passwordOf(database + "_app"));
            try (Statement statement = connection.createStatement()) {
                Roles.ensure(statement, own);
            } catch (SQLException e) {
                throw new SQLException(
                        "user " + owner.name() + " cannot make the role " + own.name()
                                + " (it needs CREATEROLE); make it yourself and give --database-app-url: "
                                + e.getMessage(),
                        e.getSQLState(),
                        e);
            }
            return new Endpoint(url, owner, own);
        }
    }

    @Override
    public void close() {
        // The server is not ours.
    }
}
