package io.flotilla.controlplane.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EmbeddedServerTest {

    private Path root = Path.of("/");

    @BeforeEach
    void makeDirectory() throws IOException {
        root = TestServer.temporary();
    }

    @AfterEach
    void removeDirectory() throws IOException {
        if (Files.exists(root.resolve("pg/data"))) {
            server().stop();
        }
        Directories.delete(root);
    }

    private EmbeddedServer server() throws IOException {
        return EmbeddedServer.prepare(root.resolve("pg"), TestServer.programs(), root.resolve("secret"), List.of());
    }

    private static String show(Endpoint endpoint, String setting) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        endpoint.url(),
                        endpoint.owner().name(),
                        endpoint.owner().password());
                ResultSet row = connection.createStatement().executeQuery("SHOW " + setting)) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void runsOnLoopbackOnlyAndWritesThroughToTheDisk() throws Exception {
        Endpoint endpoint = server().start();

        assertThat(show(endpoint, "fsync")).isEqualTo("on");
        assertThat(show(endpoint, "synchronous_commit")).isEqualTo("on");
        assertThat(show(endpoint, "listen_addresses")).isEqualTo("127.0.0.1");
        assertThat(show(endpoint, "password_encryption")).isEqualTo("scram-sha-256");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("secret"))))
                .isEqualTo("rw-------");
    }

    @Test
    void letsNobodyInWithoutThePassword() throws Exception {
        Endpoint endpoint = server().start();

        for (String password : List.of("", "wrong")) {
            org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> DriverManager.getConnection(endpoint.url(), "postgres", password)
                                    .close())
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password");
        }
    }

    @Test
    void adoptsTheServerThatAKilledControlPlaneLeftBehind() throws Exception {
        Endpoint first = server().start();
        long pid = server().process().orElseThrow().pid();

        Endpoint second = server().start();

        assertThat(second).isEqualTo(first);
        assertThat(server().process().orElseThrow().pid()).isEqualTo(pid);
    }

    @Test
    void keepsItsPortAcrossRestarts() throws Exception {
        Endpoint first = server().start();
        server().stop();
        assertThat(server().process()).isEmpty();

        assertThat(server().start().url()).isEqualTo(first.url());
    }

    @Test
    void keepsCommittedRowsWhenTheServerIsKilled() throws Exception {
        Endpoint endpoint = server().start();
        try (Connection connection = DriverManager.getConnection(
                endpoint.url(), endpoint.owner().name(), endpoint.owner().password())) {
            connection.createStatement().execute("CREATE TABLE kept AS SELECT 42 AS answer");
        }
        ProcessHandle process = server().process().orElseThrow();
        process.destroyForcibly();
        process.onExit().get(30, TimeUnit.SECONDS);

        Endpoint again = server().start();
        try (Connection connection = DriverManager.getConnection(
                        again.url(), again.owner().name(), again.owner().password());
                ResultSet row = connection.createStatement().executeQuery("SELECT answer FROM kept")) {
            assertThat(row.next()).isTrue();
            assertThat(row.getInt(1)).isEqualTo(42);
        }
    }

    @Test
    void endsWhatAKilledServerLeftAtWorkBeforeAnotherStarts() throws Exception {
        Endpoint endpoint = server().start();
        try (Connection connection = DriverManager.getConnection(
                endpoint.url(), endpoint.owner().name(), endpoint.owner().password())) {
            ResultSet row = connection.createStatement().executeQuery("SELECT pg_backend_pid()");
            row.next();
            ProcessHandle backend = ProcessHandle.of(row.getLong(1)).orElseThrow();
            Thread busy = Thread.ofVirtual().start(() -> {
                try {
                    connection.createStatement().execute("DO $$ BEGIN LOOP NULL; END LOOP; END $$");
                } catch (SQLException e) {
                    // What is waited for: its backend is ended.
                }
            });
            io.flotilla.controlplane.fleet.Await.until("it is busy", () -> ticks(backend) > 20);
            ProcessHandle process = server().process().orElseThrow();
            process.destroyForcibly();
            process.onExit().get(30, TimeUnit.SECONDS);
            assertThat(backend.isAlive()).isTrue();

            server().start();

            assertThat(backend.isAlive()).isFalse();
            busy.join();
        }
    }

    /** Clock ticks that it has spent in user mode (proc(5), stat). */
    private static long ticks(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[11]);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void startsAfterACrashThatLeftTheFileOfThePortEmpty() throws Exception {
        server().start();
        server().stop();
        Files.writeString(root.resolve("pg/port"), "");

        assertThat(server().start().url()).startsWith("jdbc:postgresql://127.0.0.1:");
    }

    @Test
    void doesNotRunAsRoot() throws Exception {
        server().start();
        Path process =
                Path.of("/proc", Long.toString(server().process().orElseThrow().pid()));

        assertThat(Files.getAttribute(process, "unix:uid")).isNotEqualTo(0);
    }
}
