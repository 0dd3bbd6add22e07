package io.flotilla.agent.engine.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Terminals, pipes, attach and exec. */
@Tag("kernel")
@ExtendWith(RootRequired.class)
@Timeout(180)
class ShimSessionTest {

    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = new TestHost();
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    private Shim started(boolean terminal, boolean stdin, String... argv) throws IOException {
        Shim shim = host.spawn(host.request(TestPlans.container(host.overlay(), terminal, stdin, argv)));
        shim.proceed();
        shim.start();
        return shim;
    }

    private static ByteBuffer bytes(String text) {
        return StandardCharsets.UTF_8.encode(text);
    }

    @Test
    void terminalHasTheSizeThatItWasGivenAndFollowsItsChange() throws Exception {
        Shim shim = started(true, true, "sh");
        try (Session session = shim.attach(AttachOptions.INTERACTIVE)) {
            session.write(bytes("stty size; tty; stat -c %u $(tty)\n"));
            assertThat(TestHost.readUntil(session, "/dev/pts/0\r\n0")).contains("31 97");
            session.resize(40, 120);
            session.write(bytes("stty size\n"));
            TestHost.readUntil(session, "40 120");
            session.write(bytes("exit 5\n"));
            assertThat(TestHost.collect(session).exit().code()).isEqualTo(5);
        }
    }

    @Test
    void controlCEndsTheForegroundJobOnly() throws Exception {
        Shim shim = started(true, true, "sh");
        try (Session session = shim.attach(AttachOptions.INTERACTIVE)) {
            session.write(bytes("echo begin; sleep 1000\n"));
            TestHost.readUntil(session, "\r\nbegin\r\n");
            TestHost.await("sleep runs", () -> childRuns(shim.record().pid()));
            session.write(bytes("\3"));
            session.write(bytes("echo code $?\n"));
            TestHost.readUntil(session, "code 130");
            // Job control: a stopped job comes back to the foreground and ends there.
            session.write(bytes("sleep 1000\n"));
            TestHost.readUntil(session, "sleep 1000");
            TestHost.await("sleep runs", () -> childRuns(shim.record().pid()));
            session.write(bytes("\32"));
            TestHost.readUntil(session, "Stopped");
            session.write(bytes("kill %1; fg; echo after $?\n"));
            TestHost.readUntil(session, "after 143");
        }
    }

    private static boolean childRuns(int parent) {
        try {
            String children = Files.readString(Path.of("/proc/" + parent + "/task/" + parent + "/children"));
            return !children.isBlank()
                    && Files.readString(Path.of("/proc/" + children.strip() + "/cmdline"))
                            .startsWith("sleep");
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void consoleIsTheTerminal() throws Exception {
        Shim shim = started(true, false, "sh", "-c", "read x; echo spoken > /dev/console");
        try (Session session = shim.attach(AttachOptions.INTERACTIVE)) {
            session.write(bytes("go\n"));
            assertThat(TestHost.collect(session).output()).endsWith("spoken\r\n");
        }
    }

    @Test
    void twoSessionsSeeTheSameOutputAndBothMayType() throws Exception {
        Shim shim = started(false, true, "cat");
        try (Session two = shim.attach(AttachOptions.WATCH)) {
            try (Session one = shim.attach(AttachOptions.WATCH)) {
                one.write(bytes("first\n"));
                TestHost.readUntil(one, "first\n");
                TestHost.readUntil(two, "first\n");
                two.write(bytes("second\n"));
                TestHost.readUntil(one, "second\n");
                TestHost.readUntil(two, "second\n");
            }
            two.write(bytes("third\n"));
            TestHost.readUntil(two, "third\n");
            two.closeInput();
            assertThat(TestHost.collect(two).exit().code()).isZero();
        }
    }

    @Test
    void closedInputIsTheEndOfTheProgramsInputAndItsOutputStillComes() throws Exception {
        Shim shim = started(false, true, "sh", "-c", "wc -c; echo done");
        try (Session session = shim.attach(AttachOptions.INTERACTIVE)) {
            session.write(ByteBuffer.wrap(new byte[300_000]));
            session.closeInput();
            assertThat(TestHost.collect(session).output()).isEqualTo("300000\ndone\n");
        }
    }

    @Test
    void endOfTheSessionThatOwnsTheInputEndsTheInput() throws Exception {
        Shim shim = started(false, true, "cat");
        shim.attach(AttachOptions.INTERACTIVE).close();
        assertThat(shim.exit().get(60, TimeUnit.SECONDS).code()).isZero();
    }

    @Test
    void patientSessionGetsEveryByte() throws Exception {
        Shim shim = host.spawn(host.request(TestPlans.container(
                host.overlay(), false, false, "sh", "-c", "yes 0123456789abcde | head -c 4000000")));
        shim.proceed();
        try (Session session = shim.attach(AttachOptions.INTERACTIVE)) {
            shim.start();
            assertThat(TestHost.collect(session).output()).hasSize(4_000_000).doesNotContain("gap");
        }
    }

    @Test
    void sessionThatDoesNotReadNeitherStopsTheContainerNorGetsItsGapUntold() throws Exception {
        Shim shim = host.spawn(host.request(TestPlans.container(
                host.overlay(), false, false, "sh", "-c", "yes 0123456789abcde | head -c 4000000")));
        shim.proceed();
        try (Session session = shim.attach(AttachOptions.WATCH)) {
            shim.start();
            assertThat(shim.exit().get(60, TimeUnit.SECONDS).code()).isZero();
            long received = 0;
            long lost = 0;
            SessionEvent event = session.next();
            while (!(event instanceof SessionEvent.Ended)) {
                switch (event) {
                    case SessionEvent.Output output ->
                        received += output.bytes().remaining();
                    case SessionEvent.Gap gap -> lost += gap.bytes();
                    case SessionEvent.Ended _ -> throw new AssertionError();
                }
                event = session.next();
            }
            assertThat(lost).isPositive();
            assertThat(received + lost).isEqualTo(4_000_000);
        }
    }

    @Test
    void execRunsInsideTheContainerWithItsOwnStreamsAndExitCode() throws Exception {
        Shim shim = started(false, false, "sleep", "1000");
        LaunchPlan plan = TestPlans.exec(
                false, true, "sh", "-c", "cat; hostname; readlink /proc/self/ns/user; echo bad >&2; exit 9");
        try (Session session = shim.exec(plan, AttachOptions.INTERACTIVE)) {
            session.write(bytes("typed\n"));
            session.closeInput();
            TestHost.Result result = TestHost.collect(session);
            String userNamespace = Files.readSymbolicLink(
                            Path.of("/proc/" + shim.record().pid() + "/ns/user"))
                    .toString();
            assertThat(result.output()).isEqualTo("typed\nbox\n" + userNamespace + "\n");
            assertThat(result.error()).isEqualTo("bad\n");
            assertThat(result.exit().code()).isEqualTo(9);
        }
    }

    @Test
    void execHasTheSameCleanState() throws Exception {
        Shim shim = started(false, false, "sleep", "1000");
        LaunchPlan plan = TestPlans.exec(
                false,
                false,
                "sh",
                "-c",
                "ls /proc/$$/fd; exec grep -E '^(Sig(Blk|Ign)|CapInh|NoNewPrivs)' /proc/self/status");
        try (Session session = shim.exec(plan, AttachOptions.INTERACTIVE)) {
            assertThat(TestHost.collect(session).output().replaceAll("[\\t ]+", ""))
                    .isEqualTo("""
                            0
                            1
                            2
                            SigBlk:0000000000000000
                            SigIgn:0000000000000000
                            CapInh:0000000000000000
                            NoNewPrivs:1
                            """);
        }
    }

    @Test
    void execEntersEveryNamespaceOfTheContainer() throws Exception {
        Shim shim = started(false, false, "sleep", "1000");
        List<String> script = new ArrayList<>();
        for (Namespace namespace : TestPlans.EVERY_NAMESPACE) {
            script.add("readlink /proc/self/ns/" + namespace.procName());
        }
        try (Session session = shim.exec(
                TestPlans.exec(false, false, "sh", "-c", String.join(";", script)), AttachOptions.INTERACTIVE)) {
            StringBuilder wanted = new StringBuilder();
            for (Namespace namespace : TestPlans.EVERY_NAMESPACE) {
                wanted.append(Files.readSymbolicLink(
                                Path.of("/proc/" + shim.record().pid() + "/ns/" + namespace.procName())))
                        .append('\n');
            }
            assertThat(TestHost.collect(session).output()).isEqualTo(wanted.toString());
        }
    }

    @Test
    void execWithATerminalIsHungUpWhenItsSessionCloses() throws Exception {
        Shim shim = started(false, false, "sleep", "1000");
        Session session = shim.exec(TestPlans.exec(true, true, "sh"), AttachOptions.INTERACTIVE);
        session.write(bytes("stty size; echo pid $$\n"));
        String output = TestHost.readUntil(session, "\r\npid ");
        assertThat(output).contains("20 60");
        try (Session check =
                shim.exec(TestPlans.exec(false, false, "sh", "-c", "ps | grep -c '[ ]sh$'"), AttachOptions.WATCH)) {
            assertThat(TestHost.collect(check).output()).isEqualTo("1\n");
        }
        session.close();
        TestHost.await("the shell was hung up", () -> {
            try (Session check =
                    shim.exec(TestPlans.exec(false, false, "sh", "-c", "ps | grep -c '[ ]sh$'"), AttachOptions.WATCH)) {
                return TestHost.collect(check).output().equals("0\n");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(shim.exit()).isNotDone();
    }

    @Test
    void execOfAMissingProgramIs127AndLeavesTheContainerAlone() throws Exception {
        Shim shim = started(false, false, "sleep", "1000");
        assertThatThrownBy(() -> shim.exec(TestPlans.exec(false, false, "absent"), AttachOptions.WATCH))
                .isInstanceOfSatisfying(
                        LaunchException.class, e -> assertThat(e.exitCode()).isEqualTo(127))
                .hasMessageStartingWith("run absent: ENOENT");
        assertThat(shim.exit()).isNotDone();
    }

    @Test
    void execIntoAnEndedContainerSaysSo() throws Exception {
        Shim shim = started(false, false, "true");
        shim.exit().get(60, TimeUnit.SECONDS);
        assertThatThrownBy(() -> shim.exec(TestPlans.exec(false, false, "true"), AttachOptions.WATCH))
                .isInstanceOf(LaunchException.class);
    }

    @Test
    void manyExecsAtOnceAreServedAndOneTooManyIsRefused() throws Exception {
        Shim shim = started(false, false, "sleep", "1000");
        List<Session> sessions = new ArrayList<>();
        try {
            for (int i = 0; i < 16; i++) {
                sessions.add(shim.exec(TestPlans.exec(false, true, "cat"), AttachOptions.INTERACTIVE));
            }
            assertThatThrownBy(() -> shim.exec(TestPlans.exec(false, false, "true"), AttachOptions.WATCH))
                    .hasMessageContaining("EBUSY");
            for (Session session : sessions) {
                session.write(bytes("x\n"));
                session.closeInput();
                assertThat(TestHost.collect(session).output()).isEqualTo("x\n");
            }
        } finally {
            sessions.forEach(Session::close);
        }
    }

    @Test
    void processLeftBehindWithTheStreamsOpenDoesNotHoldUpTheEndOfAnExec() throws Exception {
        Shim shim = started(false, false, "sleep", "1000");
        try (Session session = shim.exec(
                TestPlans.exec(false, false, "sh", "-c", "sleep 1000 & echo left"), AttachOptions.INTERACTIVE)) {
            TestHost.Result result = TestHost.collect(session);
            assertThat(result.output()).isEqualTo("left\n");
            assertThat(result.exit().code()).isZero();
        }
    }
}
