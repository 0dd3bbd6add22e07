package io.flotilla.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code ./flotilla run} as somebody used to {@code docker run} would use it, in a real terminal. */
class RunInteractiveTest {

    private static final String BUSYBOX = "flotilla/busybox:test";

    private static Flotilla flotilla;

    @BeforeAll
    static void startAndImportAnImageOfOtherPeoplesMaking() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "containers need root");
        flotilla = Flotilla.up();
        try (Images images = Images.open()) {
            Path archive = images.busybox("localhost/busybox:test");
            flotilla.command("image", "import", archive.toString(), "--name", BUSYBOX)
                    .success();
        }
    }

    @AfterAll
    static void stop() {
        if (flotilla != null) {
            flotilla.close();
        }
    }

    private static Terminal shell() {
        return Terminal.open(Flotilla.ROOT, 101, 37, flotilla.line("run", "-it", BUSYBOX, "/bin/sh"));
    }

    @Test
    void theShellHasAWindowSizeAndItsExitCodeComesThrough() {
        try (Terminal terminal = shell()) {
            terminal.await("#").clear().type("stty size\n").await("37 101");
            terminal.clear().type("echo $((6*7))-$$\n").await("42-1");
            terminal.clear().type("exit 3\n");
            assertThat(terminal.exitStatus()).as(terminal.screen()).isEqualTo(3);
        }
    }

    @Test
    void controlCStopsTheForegroundProgramAndNotTheShell() {
        try (Terminal terminal = shell()) {
            terminal.await("#").clear().type("sleep 1000\n").await("sleep 1000");
            terminal.clear().type("\003").await("#");
            terminal.clear().type("echo still-$((1+1))-here\n").await("still-2-here");
            terminal.type("exit 0\n");
            assertThat(terminal.exitStatus()).isZero();
        }
    }

    @Test
    void jobsCanBeStoppedAndResumed() {
        try (Terminal terminal = shell()) {
            terminal.await("#").clear().type("sleep 1000\n").await("sleep 1000");
            terminal.clear().type("\032").await("Stopped");
            terminal.clear().type("kill %1; fg\n").await("#");
            terminal.type("exit 7\n");
            assertThat(terminal.exitStatus()).isEqualTo(7);
        }
    }

    @Test
    void aProgramThatWritesAndEndsAtOnceIsShownWholeAndOnce() {
        for (int i = 0; i < 20; i++) {
            try (Terminal terminal =
                    Terminal.open(Flotilla.ROOT, 80, 24, flotilla.line("run", "-it", BUSYBOX, "/bin/echo", "hello"))) {
                assertThat(terminal.wholeScreen().strip()).as("run " + i).isEqualTo("hello");
                assertThat(terminal.exitStatus()).isZero();
            }
        }
    }

    @Test
    void withoutATerminalTheOutputIsPlain() {
        Command command = flotilla.command("run", BUSYBOX, "/bin/sh", "-c", "echo out; echo err >&2; exit 5");
        assertThat(command.status()).as(command.output()).isEqualTo(5);
        assertThat(command.output()).contains("out\n").contains("err\n").doesNotContain("\r");
    }

    /** A log would have made text of it. */
    @Test
    void withoutATerminalTheOutputIsByteForByte() {
        String wanted = Command.run("/bin/sh", "-c", "sha256sum < /bin/busybox").success();
        String run = flotilla.line("run", BUSYBOX, "/bin/cat", "/bin/busybox");
        assertThat(Command.run("/bin/sh", "-c", run + " 2>/dev/null | sha256sum")
                        .success())
                .isEqualTo(wanted);
    }

    @Test
    void endsWithWhoeverReadsItsOutput() {
        String run = flotilla.line("run", BUSYBOX, "/bin/yes");
        assertThat(Command.run("/bin/sh", "-c", run + " 2>/dev/null | head -n 1")
                        .success())
                .isEqualTo("y\n");
    }

    @Test
    void withoutInputAShellEndsAtOnce() {
        Command command = flotilla.command("run", BUSYBOX, "/bin/sh");
        assertThat(command.status()).as(command.output()).isZero();
    }

    @Test
    void aCommandThatIsNotThereEndsWith127() {
        Command command = flotilla.command("run", BUSYBOX, "/no/such/program");
        assertThat(command.status()).as(command.output()).isEqualTo(127);
        assertThat(command.output()).contains("there is no such program at /no/such/program");
    }

    @Test
    void whatFitsNowhereIsSaidAndEndsWith125AndLeavesNothing() {
        int port = Flotilla.freePort();
        flotilla.command("run", "-d", "--name", "holder", "-p", port + ":80", BUSYBOX, "/bin/sleep", "1000")
                .success();
        Command command = flotilla.command("run", "--name", "late", "-p", port + ":80", BUSYBOX, "/bin/true");
        assertThat(command.status()).as(command.output()).isEqualTo(125);
        assertThat(command.output()).contains("port " + port + "/tcp is taken by holder");
        assertThat(flotilla.command("ps", "-a").success()).doesNotContain("late");

        Command detached = flotilla.command("run", "-d", "--name", "later", "-p", port + ":80", BUSYBOX);
        assertThat(detached.success()).contains("port " + port + "/tcp is taken by holder");
        flotilla.command("rm", "holder", "later").success();
    }

    @Test
    void aPortThatAnotherProgramOfTheNodeHoldsIsSaidAndEndsWith125() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            String port = taken.getLocalPort() + ":80";
            Command command = flotilla.command("run", "-p", port, BUSYBOX, "/bin/true");
            assertThat(command.status()).as(command.output()).isEqualTo(125);
            assertThat(command.output()).contains(String.valueOf(taken.getLocalPort()));
        }
    }

    @Test
    void theContainerIsIsolated() {
        Command command = flotilla.command(
                "run",
                BUSYBOX,
                "/bin/sh",
                "-c",
                "ps | wc -l; cat /proc/self/uid_map; hostname; grep CapInh /proc/self/status");
        String output = command.success();
        assertThat(output).contains("CapInh:\t0000000000000000");
        assertThat(output).doesNotContain(" 4294967295");
    }
}
