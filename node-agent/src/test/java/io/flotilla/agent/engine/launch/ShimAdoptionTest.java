package io.flotilla.agent.engine.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Containers outlive the agent, however it ends, and the next one finds them as they are. */
@Tag("kernel")
@ExtendWith(RootRequired.class)
@Timeout(180)
class ShimAdoptionTest {

    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = new TestHost();
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    /** Has another JVM start a container, and kills that JVM with SIGKILL. */
    private ShimRequest orphan(String... argv) throws Exception {
        Step.OverlayRoot root = host.overlay();
        ShimRequest request = host.request(TestPlans.container(root, false, true, argv));
        Process agent = SpawningJvm.start(request, root, argv);
        try (BufferedReader output = agent.inputReader()) {
            assertThat(output.readLine()).startsWith("started");
        } finally {
            agent.destroyForcibly();
            agent.waitFor();
        }
        return request;
    }

    private Shim adopted(ShimRequest request) throws IOException {
        return switch (host.shims.adopt(request.runtimeDirectory())) {
            case Adoption.Adopted(Shim shim) -> shim;
            case Adoption.Ended ended -> throw new AssertionError(ended);
            case Adoption.Lost lost -> throw new AssertionError(lost);
            case Adoption.Nothing nothing -> throw new AssertionError(nothing);
        };
    }

    @Test
    void containerOutlivesTheKilledAgentWithAttachLogsExecAndExitIntact() throws Exception {
        ShimRequest request = orphan("sh", "-c", "echo before; while read line; do echo heard $line; done; exit 42");
        try (Shim shim = adopted(request)) {
            try (Session session = shim.attach(AttachOptions.WATCH)) {
                session.write(StandardCharsets.UTF_8.encode("after\n"));
                TestHost.readUntil(session, "heard after\n");
                try (Session exec = shim.exec(TestPlans.exec(false, false, "hostname"), AttachOptions.WATCH)) {
                    assertThat(TestHost.collect(exec).output()).isEqualTo("box\n");
                }
                session.closeInput();
                assertThat(TestHost.collect(session).exit().code()).isEqualTo(42);
            }
            assertThat(shim.exit().get(60, TimeUnit.SECONDS).code()).isEqualTo(42);
            assertThat(Files.readString(TestHost.logs(request).resolve("00000001.log")))
                    .contains(" stdout F before\n", " stdout F heard after\n");
            shim.release();
        }
    }

    @Test
    void exitDuringTheAgentsAbsenceIsFoundWithItsCode() throws Exception {
        ShimRequest request = orphan("sh", "-c", "read line; exit 3");
        Path runtime = request.runtimeDirectory();
        try (Shim shim = adopted(request)) {
            shim.attach(AttachOptions.INTERACTIVE).close();
            shim.exit().get(60, TimeUnit.SECONDS);
        }
        try (Shim again = adopted(request)) {
            assertThat(again.exit().get(60, TimeUnit.SECONDS).code()).isEqualTo(3);
            assertThat(again.signal(15)).isFalse();
            again.release();
        }
        TestHost.await("the shim leaves", () -> !Files.exists(runtime.resolve("shim.sock")));
        assertThat(host.shims.adopt(runtime))
                .isInstanceOfSatisfying(
                        Adoption.Ended.class,
                        ended -> assertThat(ended.exit().code()).isEqualTo(3));
    }

    @Test
    void containerWhoseShimWasKilledIsLostAndSaidToBeRunning() throws Exception {
        ShimRequest request = host.request(TestPlans.container(host.overlay(), false, false, "sleep", "1000"));
        Shim shim = host.spawn(request);
        shim.proceed();
        shim.start();
        ProcessHandle.of(shim.record().shimPid()).orElseThrow().destroyForcibly();
        TestHost.await("the connection ends", () -> shim.exit().isDone());
        assertThat(shim.exit()).isCompletedExceptionally();
        assertThatThrownBy(() -> shim.attach(AttachOptions.WATCH))
                .isInstanceOf(ShimLostException.class)
                .hasMessageContaining("was killed")
                .hasMessageContaining("restart");
        assertThat(host.shims.adopt(request.runtimeDirectory())).isEqualTo(new Adoption.Lost(shim.record(), true));
        assertThat(shim.signal(9)).isTrue();
        TestHost.await("the container ends", () -> !lostButRunning(request));
    }

    private boolean lostButRunning(ShimRequest request) {
        try {
            return host.shims.adopt(request.runtimeDirectory()) instanceof Adoption.Lost lost && lost.running();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void recordOfAnotherBootMeansThatNothingOfItRuns() throws Exception {
        ShimRequest request = host.request(TestPlans.container(host.overlay(), false, false, "sleep", "1000"));
        Shim shim = host.spawn(request);
        Path record = request.runtimeDirectory().resolve("record");
        String text = Files.readString(record);
        String other = text.replaceAll("boot [0-9a-f]{8}", "boot 00000000");
        Path elsewhere = Files.createDirectory(host.base.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("record"), other);
        assertThat(host.shims.adopt(elsewhere))
                .isInstanceOfSatisfying(
                        Adoption.Lost.class, lost -> assertThat(lost.running()).isFalse());
        assertThat(shim.signal(9)).isTrue();
    }

    @Test
    void directoryWithoutARecordHoldsNothing() throws Exception {
        Path empty = Files.createDirectory(host.base.resolve("empty"));
        assertThat(host.shims.adopt(empty)).isEqualTo(new Adoption.Nothing());
    }

    @Test
    void containerThatWasOnlyCreatedCanBeStartedByTheNextAgent() throws Exception {
        ShimRequest request = host.request(TestPlans.container(host.overlay(), false, false, "sh", "-c", "exit 11"));
        Shim first = host.spawn(request);
        first.proceed();
        first.close();
        try (Shim second = adopted(request)) {
            second.start();
            assertThat(second.exit().get(60, TimeUnit.SECONDS).code()).isEqualTo(11);
            second.release();
        }
    }
}
