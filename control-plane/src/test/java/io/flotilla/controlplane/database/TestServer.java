package io.flotilla.controlplane.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One server for all tests of this JVM, with a migrated template that every test database is cloned from. Either the
 * URL in FLOTILLA_TEST_DATABASE_URL (a superuser's), or the embedded PostgreSQL.
 */
final class TestServer {

    private static final Logger LOG = LoggerFactory.getLogger(TestServer.class);
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final String TEMPLATE = "flotilla";

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
        administer("CREATE DATABASE \"" + shortened + "\" TEMPLATE \"" + TEMPLATE + "\" OWNER "
                + template.owner().name());
        return new Endpoint(
                template.url().replaceAll("/[^/]+$", "/" + shortened), template.owner(), template.application());
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
            TestServer server = embedded();
            Migrations.apply(server.template);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
        LOG.info("database tests use the embedded PostgreSQL at {}", endpoint.url());
        return new TestServer(endpoint, server.superuser());
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
