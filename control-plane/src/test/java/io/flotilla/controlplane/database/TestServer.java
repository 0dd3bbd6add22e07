package io.flotilla.controlplane.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One server for all tests of this JVM, with a migrated template that every test database is cloned from. The system
 * property {@code flotilla.test.database} chooses: {@code embedded}, the default; {@code docker}, a container made by
 * Testcontainers; or the URL of a superuser, {@code postgresql://user:password@host:port/postgres}.
 */
final class TestServer {

    private static final Logger LOG = LoggerFactory.getLogger(TestServer.class);
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final String CHOICE = "flotilla.test.database";

    private final Endpoint template;
    private final Endpoint.Login superuser;

    private TestServer(Endpoint template, Endpoint.Login superuser) {
        this.template = template;
        this.superuser = superuser;
    }

    private static final class Holder {
        static final TestServer SERVER = open();
    }

    static TestServer get() {
        return Holder.SERVER;
    }

    /** A new database with every migration applied. */
    Endpoint clone(String purpose) {
        String name = "test_" + ProcessHandle.current().pid() + "_" + COUNTER.incrementAndGet() + "_" + purpose;
        String shortened = name.substring(0, Math.min(name.length(), 60));
        administer("CREATE DATABASE \"" + shortened + "\" TEMPLATE \"" + database() + "\" OWNER "
                + template.owner().name());
        return new Endpoint(
                template.url().replaceAll("/[^/]+$", "/" + shortened), template.owner(), template.application());
    }

    private String database() {
        return template.url().replaceAll(".*/", "");
    }

    Endpoint.Login superuser() {
        return superuser;
    }

    void administer(String sql) {
        String url = template.url().replaceAll("/[^/]+$", "/postgres");
        try (Connection connection = DriverManager.getConnection(url, superuser.name(), superuser.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private static TestServer open() {
        try {
            String choice = System.getProperty(CHOICE, "embedded");
            TestServer server = switch (choice) {
                case "embedded" -> embedded();
                case "docker" -> {
                    DockerServer docker = DockerServer.start();
                    yield given(docker.url(), docker.superuser());
                }
                default -> {
                    ExternalSource source = ExternalSource.of(choice, null);
                    yield given(source.url(), source.owner());
                }
            };
            LOG.info("database tests use {} at {}", choice.replaceAll("://.*@", "://"), server.template.url());
            Migrations.apply(server.template);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (DatabaseUnfitException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static TestServer embedded() throws IOException, InterruptedException {
        Path root = temporary();
        // The tests' data is thrown away: waiting for the disk would only slow them down.
        List<String> settings = List.of("fsync=off", "synchronous_commit=off", "full_page_writes=off");
        EmbeddedServer server =
                EmbeddedServer.prepare(root.resolve("pg"), programs(), root.resolve("secret"), settings);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(server, root)));
        Endpoint endpoint = server.start();
        return new TestServer(endpoint, server.superuser());
    }

    /** Roles and a template of this JVM's own, so that several can share the server. */
    private static TestServer given(String url, Endpoint.Login superuser) throws IOException {
        String name = "test_" + Long.toHexString(new SecureRandom().nextLong());
        Endpoint.Login owner = new Endpoint.Login(name + "_owner", password());
        Endpoint.Login application = new Endpoint.Login(name + "_app", password());
        try (Connection connection = DriverManager.getConnection(url, superuser.name(), superuser.password());
                Statement statement = connection.createStatement()) {
            Roles.ensure(statement, owner);
            Roles.ensure(statement, application);
            Roles.ensureDatabase(statement, name, owner.name());
        } catch (SQLException e) {
            throw new IOException("prepare the PostgreSQL at " + url + ": " + e.getMessage(), e);
        }
        return new TestServer(new Endpoint(url.replaceAll("/[^/]*$", "/" + name), owner, application), superuser);
    }

    static String password() {
        return HexFormat.of().formatHex(new SecureRandom().generateSeed(16));
    }

    private static void remove(EmbeddedServer server, Path root) {
        try {
            server.stop();
            Directories.delete(root);
        } catch (IOException e) {
            LOG.warn("leftover of the tests in {}", root, e);
        }
    }

    /** A directory that the server's account can reach. */
    static Path temporary() throws IOException {
        Path root = Files.createTempDirectory("flotilla-test-cpa");
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
        return root;
    }

    /** Unpacked once per machine, user and version; renamed into place when complete. */
    static Path programs() throws IOException {
        Path shared = Path.of(
                System.getProperty("java.io.tmpdir"), "flotilla-test-programs-" + System.getProperty("user.name"));
        return Directories.ensure(shared, "rwxr-xr-x");
    }
}
