package io.flotilla.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What stands in the way of a start is named in one line, and nothing is left half-started. */
class StartRefusalsTest {

    private static final Path SCRIPT = Flotilla.ROOT.resolve("flotilla");
    private static final Duration SOON = Duration.ofMinutes(2);

    private Path directory = Path.of("");

    @BeforeEach
    void makeDirectory() throws IOException {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "`up` needs root");
        directory = Files.createTempDirectory("flotilla-e2e-");
    }

    @AfterEach
    void removeDirectory() {
        if (directory.isAbsolute()) {
            Command.run("rm", "-r", directory.toString()).success();
        }
    }

    private Command up(List<String> before, String... options) {
        List<String> line = Stream.of(before, List.of(SCRIPT.toString(), "up"), List.of(options))
                .flatMap(List::stream)
                .toList();
        return Command.run(SOON, directory, line.toArray(String[]::new));
    }

    @Test
    void anotherUserThanRootIsToldHowToStart() {
        Command refused = up(List.of("unshare", "--user"), "--data", data());
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.output().strip())
                .startsWith("flotilla: up needs root:")
                .contains("sudo " + SCRIPT + " up")
                .doesNotContain("\n");
        assertThat(Path.of(data())).doesNotExist();
    }

    @Test
    void takenPortIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());
            Command refused = up(List.of(), "--data", data(), "--port", port);
            assertThat(refused.status()).isEqualTo(3);
            assertThat(refused.output())
                    .contains("port " + port + " is taken by java")
                    .contains("(process " + ProcessHandle.current().pid() + ")")
                    .contains("--port");
            assertThat(Path.of(data(), "pg")).doesNotExist();
        }
    }

    @Test
    void portThatIsNoneIsRefused() {
        Command refused = up(List.of(), "--port", "80a");
        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.output()).contains("--port \"80a\" must be from 1 to 65535");
    }

    @Test
    void askingForHelpStartsNothing() {
        Command help = up(List.of(), "--data", data(), "--help");
        assertThat(help.success()).contains("--listen", "--database-url");
        assertThat(Path.of(data())).doesNotExist();
    }

    /** Process ids are given again: what a killed {@code up} noted may by now be another installation's. */
    @Test
    void onlyAnAgentOfThisDataDirectoryIsEndedForTheOneThatWasNoted() throws IOException {
        Path noted = Files.createDirectories(Path.of(data(), "agent")).resolve("pid");
        Process other = standIn(data() + "2");
        Process own = standIn(data());
        try {
            Files.writeString(noted, other.pid() + "\n");
            assertThat(down().success()).doesNotContain("ending the agent");
            assertThat(other.isAlive()).isTrue();

            Files.writeString(noted, own.pid() + "\n");
            assertThat(down().success()).contains("ending the agent");
            assertThat(own.isAlive()).isFalse();
        } finally {
            other.destroyForcibly();
            own.destroyForcibly();
        }
    }

    private Command down() {
        return Command.run(SOON, directory, SCRIPT.toString(), "down", "--data", data(), "--port", freePort());
    }

    /** A process with an agent's command line, as far as that tells one from another. */
    private static Process standIn(String data) throws IOException {
        return new ProcessBuilder("bash", "-c", "read", "io.flotilla.agent.FlotillaAgent", "run", "--data", data)
                .start();
    }

    @Test
    void missingCompilerIsNamedWhereNothingCanInstallIt() throws IOException {
        Path tools = everyToolBut(Set.of("cc", "gcc", "apt-get"));
        Command refused =
                up(List.of("env", "PATH=" + tools + ":/usr/sbin:/sbin"), "--data", data(), "--port", freePort());
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.output())
                .contains("up needs gcc")
                .contains("no apt-get")
                .contains("install them by hand");
        assertThat(Path.of(data())).doesNotExist();
    }

    /** A directory for PATH, since hiding a program from all of it needs nothing else on the machine to change. */
    private Path everyToolBut(Set<String> missing) throws IOException {
        Path tools = Files.createDirectory(directory.resolve("tools"));
        try (Stream<Path> programs = Files.list(Path.of("/usr/bin"))) {
            for (Path program : programs.toList()) {
                String name = String.valueOf(program.getFileName());
                if (!missing.contains(name)) {
                    Files.createSymbolicLink(tools.resolve(name), program);
                }
            }
        }
        return tools;
    }

    /** Whatever holds the default port must not stand in the way first. */
    private static String freePort() {
        return String.valueOf(Flotilla.freePort());
    }

    private String data() {
        return directory.resolve("data").toString();
    }
}
