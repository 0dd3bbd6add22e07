package io.flotilla.controlplane.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.controlplane.audit.AuditLogTest;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The tests' database in a container, on a Docker daemon that is started for it and knows no registry. */
class DockerDatabaseTest {

    private static final Path DOCKERD = Path.of("/usr/sbin/dockerd");
    private static final Duration LIMIT = Duration.ofMinutes(4);

    private Path home = Path.of("/");

    @BeforeEach
    void startDocker() throws IOException {
        assumeTrue(Files.isExecutable(DOCKERD), "docker.io is not installed");
        assumeTrue((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0, "a Docker daemon needs root");
        home = Files.createTempDirectory("fcpd");
    }

    @AfterEach
    void removeDirectory() throws IOException {
        Directories.delete(home);
    }

    @Test
    void servesTheMigrationsAndTheTestsOfStores() throws Exception {
        Process daemon = daemon();
        try {
            awaitDaemon(daemon);
            Process tests = tests(SchemaTest.class, NotificationsTest.class, AuditLogTest.class);
            try {
                assertThat(tests.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
                        .as(() -> read("tests.log"))
                        .isTrue();
                assertThat(tests.exitValue()).as(() -> read("tests.log")).isZero();
                assertThat(read("tests.log")).contains("database tests use docker at jdbc:postgresql://127.0.0.1:");
            } finally {
                tests.destroyForcibly().waitFor();
            }
        } finally {
            daemon.destroy();
            if (!daemon.waitFor(1, TimeUnit.MINUTES)) {
                daemon.destroyForcibly().waitFor();
            }
        }
    }

    private Process daemon() throws IOException {
        // In a mount namespace of its own: it leaves a mounted network namespace behind.
        ProcessBuilder builder = new ProcessBuilder(
                "unshare",
                "--mount",
                "--propagation=private",
                DOCKERD.toString(),
                "--data-root=" + home.resolve("data"),
                "--exec-root=" + home.resolve("exec"),
                "--pidfile=" + home.resolve("pid"),
                "--host=unix://" + socket(),
                "--bridge=none",
                "--iptables=false",
                "--ip6tables=false",
                "--storage-driver=vfs");
        Commands.cleanEnvironment(builder);
        return builder.redirectErrorStream(true)
                .redirectOutput(home.resolve("dockerd.log").toFile())
                .start();
    }

    private Path socket() {
        return home.resolve("s");
    }

    private void awaitDaemon(Process daemon) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!answers()) {
            assertThat(daemon.isAlive() && System.nanoTime() < deadline)
                    .as(() -> read("dockerd.log"))
                    .isTrue();
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private boolean answers() {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket()));
        } catch (IOException e) {
            return false;
        }
    }

    /** The choice of the database is made once per JVM, hence another one. */
    private Process tests(Class<?>... classes) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Dflotilla.test.database=docker",
                "-cp",
                System.getProperty("java.class.path"),
                TestRun.class.getName()));
        for (Class<?> each : classes) {
            command.add(each.getName());
        }
        ProcessBuilder builder = new ProcessBuilder(command);
        Commands.cleanEnvironment(builder);
        builder.environment().put("DOCKER_HOST", "unix://" + socket());
        builder.environment().put("TESTCONTAINERS_RYUK_DISABLED", "true");
        // Where it runs in a container itself, Testcontainers would ask the daemon for a bridge, and there is none.
        builder.environment().put("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1");
        return builder.redirectErrorStream(true)
                .redirectOutput(home.resolve("tests.log").toFile())
                .start();
    }

    private String read(String log) {
        try {
            return Files.readString(home.resolve(log));
        } catch (IOException e) {
            return "no " + log + ": " + e.getMessage();
        }
    }
}
