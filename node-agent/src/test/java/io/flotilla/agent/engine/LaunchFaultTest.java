package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.agent.plan.ContainerId;
import io.flotilla.protocol.AllocationSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kills a part of the engine before every single system call of a container's life, and looks at what is left. */
@Tag("kernel")
class LaunchFaultTest {

    /** The descriptor by which a shim holds its container's runtime directory. */
    private static final int RUNTIME_FD = 5;

    /** Whether no call is left out; that takes half an hour, since every one of the agent's costs a JVM. */
    private static final boolean ALL = Boolean.getBoolean("flotilla.fault.all");

    @TempDir
    Path directory;

    private TestNode node;
    private Path program;

    @BeforeEach
    void open() throws Exception {
        node = new TestNode();
        program = KillAt.compile(directory);
    }

    @AfterEach
    void close() throws Exception {
        if (node != null) {
            node.close();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SHIM", "CONTAINER", "HELPER"})
    void aKilledPartOfAStartLeavesNothingAndNoWrongCode(KillAt.Target target) throws Exception {
        Traces empty = Traces.of(node);
        String outcome = "";
        int every = target == KillAt.Target.CONTAINER && !ALL ? 8 : 1;
        for (int call = 1; !outcome.startsWith("passed"); call += every) {
            try (KillAt killer = KillAt.watch(program, target, call, KillAt.thisThread())) {
                String told = life(StartingAgent.spec(UUID.randomUUID()));
                outcome = killer.outcome();
                String what = target + " at " + call + ", " + outcome + ": " + told;
                assertThat(told)
                        .as(what)
                        .matches("exit (7|137|unknown)|refused .+")
                        .matches(each -> target != KillAt.Target.SHIM || !each.endsWith("137"));
                assertLeft(empty, what);
            }
        }
    }

    @Test
    void aKilledAgentsContainerIsFoundOrStartedByTheNextOne() throws Exception {
        Traces empty = Traces.of(node);
        String outcome = "";
        for (int call = 1; !outcome.startsWith("passed"); call += ALL ? 1 : 60) {
            UUID allocation = UUID.randomUUID();
            node.leave();
            try (StartingAgent agent = StartingAgent.run(node, allocation);
                    KillAt killer = KillAt.watch(program, KillAt.Target.AGENT, call, agent.thread())) {
                agent.go();
                outcome = killer.outcome();
            }
            node.open();
            String told = life(StartingAgent.spec(allocation));
            String what = "agent at " + call + ", " + outcome + ": " + told;
            assertThat(told).as(what).isEqualTo("exit 7");
            assertLeft(empty, what);
        }
    }

    /** Links go a moment later by threads of their own, and so do shims. */
    private void assertLeft(Traces expected, String what) throws Exception {
        TestNode.settle(() -> left().equals(expected) && processes().isEmpty());
        assertThat(left()).as(what).isEqualTo(expected);
        assertThat(processes()).as(what).isEmpty();
    }

    private Traces left() {
        try {
            return Traces.of(node);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Shims and what they have cloned, wherever they are: all hold the container's runtime directory. */
    private List<String> processes() {
        String ours = node.paths.containersRuntime().toString();
        return ProcessHandle.allProcesses()
                .filter(process -> held(process.pid()).startsWith(ours))
                .map(process -> process.pid() + " " + held(process.pid()))
                .toList();
    }

    private static String held(long pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", String.valueOf(pid), "fd", String.valueOf(RUNTIME_FD)))
                    .toString();
        } catch (IOException e) {
            return ""; // it has ended, or has no such descriptor
        }
    }

    /** Starts it and waits for its end, removes it; what a listener would tell of it. */
    private String life(AllocationSpec spec) throws Exception {
        ContainerId id = new ContainerId(spec.allocationId(), 1);
        try {
            node.start(spec);
            Integer code = node.awaitExit(id).code();
            return "exit " + (code == null ? "unknown" : code);
        } catch (StartException e) {
            return "refused " + e.getMessage();
        } finally {
            node.containers.remove(id);
            node.containers.removeAllocation(spec.allocationId());
        }
    }
}
