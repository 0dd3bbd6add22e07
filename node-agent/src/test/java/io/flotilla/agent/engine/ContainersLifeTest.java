package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.flotilla.agent.engine.launch.AttachOptions;
import io.flotilla.agent.engine.launch.LaunchException;
import io.flotilla.agent.engine.launch.Session;
import io.flotilla.agent.engine.launch.SessionEvent;
import io.flotilla.agent.engine.launch.ShimRecord;
import io.flotilla.agent.oci.Allocations;
import io.flotilla.agent.oci.SpecException;
import io.flotilla.agent.plan.ContainerId;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.ExecSpec;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Containers whose agent comes and goes, and what is left of them. */
@Tag("kernel")
class ContainersLifeTest {

    private static final long SEED = 20261123;
    private static final int CYCLES = 200;

    private TestNode node;

    @BeforeEach
    void open() throws Exception {
        node = new TestNode();
    }

    @AfterEach
    void close() throws Exception {
        if (node != null) {
            node.close();
        }
    }

    private static AllocationSpec sleeper() {
        return Allocations.of().command(List.of("sleep", "1000")).build();
    }

    private ContainerView view(ContainerId id) {
        return node.containers.find(id).orElseThrow();
    }

    @Test
    void findsRunningContainersAgainAndHearsOfTheirEnd() throws Exception {
        AllocationSpec spec = Allocations.of()
                .network(AllocationSpec.Network.BRIDGE)
                .command(List.of("sh", "-c", "trap 'exit 7' TERM; echo up; while :; do sleep 0.05; done"))
                .build();
        ContainerId id = node.start(spec);
        ContainerView before = view(id);
        node.reopen();
        assertThat(view(id)).isEqualTo(before);
        assertThat(node.start(spec)).isEqualTo(id);
        TestNode.await(() -> logHas(id, "up"));
        node.containers.stop(id, Duration.ofSeconds(20));
        assertThat(node.awaitExit(id).code()).isEqualTo(7);
    }

    private boolean logHas(ContainerId id, String text) {
        try {
            return node.log(id).contains(text);
        } catch (java.io.IOException e) {
            return false;
        }
    }

    @Test
    void hearsOfEndsThatCameWhileTheAgentWasAway() throws Exception {
        AllocationSpec greedy = Allocations.of()
                .resources(1000, 16 << 20, 20)
                .command(List.of("sh", "-c", "while [ ! -e /tmp/go ]; do sleep 0.02; done; exec tail /dev/zero"))
                .build();
        ContainerId oom = node.start(greedy);
        ContainerId killed = node.start(sleeper());
        int pid = Objects.requireNonNull(view(killed).pid());
        try (Session session = node.containers.exec(oom, exec("touch", "/tmp/go"))) {
            output(session);
        }
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        node.leave();
        TestNode.await(
                () -> Files.exists(node.paths.containerRuntime(oom.toString()).resolve("exit")));
        TestNode.await(() ->
                Files.exists(node.paths.containerRuntime(killed.toString()).resolve("exit")));
        node.told.clear();
        node.open();
        assertThat(node.awaitExit(oom).code()).isEqualTo(137);
        assertThat(node.awaitExit(oom).oomKilled()).isTrue();
        assertThat(node.awaitExit(killed).code()).isEqualTo(137);
        assertThat(node.awaitExit(killed).oomKilled()).isFalse();
        TestNode.await(() -> node.told.size() == 2);
    }

    @Test
    void inventsNoCodeWhenTheShimIsGone() throws Exception {
        ContainerId id = node.start(sleeper());
        ShimRecord record =
                ShimRecord.read(node.paths.containerRuntime(id.toString())).orElseThrow();
        ProcessHandle.of(record.shimPid()).orElseThrow().destroyForcibly();
        TestNode.await(() -> !Orphans.lives(record.shimPid(), record.shimStartTime()));
        ProcessHandle.of(record.pid()).ifPresent(ProcessHandle::destroyForcibly);
        assertThat(node.awaitExit(id).code()).isNull();
        node.reopen();
        assertThat(node.awaitExit(id).code()).isNull();
        node.containers.remove(id);
        assertThat(node.containers.list()).isEmpty();
    }

    @Test
    void takesAwayWhatAStartThatWasCutShortLeft() throws Exception {
        ContainerId id = new ContainerId(sleeper().allocationId(), 1);
        Path directory = node.paths.containerRuntime(id.toString());
        PrivateFiles.directory(directory);
        node.parts.cgroups().create(id.toString(), io.flotilla.agent.oci.Resources.none());
        node.reopen();
        assertThat(directory).doesNotExist();
        assertThat(node.containers.list()).isEmpty();
        assertThat(node.parts.cgroups().list()).isEmpty();
    }

    private static ExecSpec exec(String... argv) {
        return new ExecSpec(List.of(argv), Map.of("FROM_EXEC", "1"), null, false, 80, 24);
    }

    private static String output(Session session) throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            switch (session.next()) {
                case SessionEvent.Output(boolean error, var bytes) -> {
                    byte[] part = new byte[bytes.remaining()];
                    bytes.get(part);
                    all.write(part);
                }
                case SessionEvent.Gap(long bytes) -> all.write(("gap " + bytes).getBytes(StandardCharsets.UTF_8));
                case SessionEvent.Ended(var exit) -> {
                    all.write(("exit " + exit.orElseThrow().shellCode()).getBytes(StandardCharsets.UTF_8));
                    return all.toString(StandardCharsets.UTF_8);
                }
            }
        }
    }

    @Test
    void runsFurtherProcessesWithTheSameRights() throws Exception {
        ContainerId id = node.start(sleeper());
        try (Session session = node.containers.exec(
                id,
                exec(
                        "sh",
                        "-c",
                        "cat /proc/self/status; echo $FROM_EXEC $FROM_IMAGE; cat /proc/self/cgroup; exit 9"))) {
            assertThat(output(session))
                    .containsPattern("CapEff:\\s+00000000a00425fb")
                    .containsPattern("CapInh:\\s+0000000000000000")
                    .containsPattern("NoNewPrivs:\\s+1")
                    .containsPattern("Seccomp:\\s+2")
                    .contains("1 yes\n")
                    .doesNotContain("flotilla-")
                    .endsWith("exit 9");
        }
        try (Session session = node.containers.exec(id, new ExecSpec(List.of("id"), Map.of(), "app", false, 80, 24))) {
            assertThat(output(session)).contains("uid=1000", "gid=1001");
        }
        try (Session session = node.containers.exec(id, new ExecSpec(List.of(), Map.of(), null, true, 101, 33))) {
            session.write(java.nio.ByteBuffer.wrap("stty size; exit 5\n".getBytes(StandardCharsets.UTF_8)));
            assertThat(output(session)).contains("33 101").endsWith("exit 5");
        }
        assertThatThrownBy(() -> node.containers.exec(id, exec("nonsense")))
                .isInstanceOf(LaunchException.class)
                .extracting(e -> ((LaunchException) e).exitCode())
                .isEqualTo(127);
        ExecSpec nobody = new ExecSpec(List.of("id"), Map.of(), "nobody", false, 80, 24);
        assertThatThrownBy(() -> node.containers.exec(id, nobody)).isInstanceOf(SpecException.class);
        node.containers.stop(id, Duration.ZERO);
        assertThatThrownBy(() -> node.containers.exec(id, exec("id"))).hasMessageContaining("does not run");
    }

    @Test
    void attachesToATerminal() throws Exception {
        AllocationSpec spec = Allocations.of().tty().command(List.of("sh")).build();
        ContainerId id = node.start(spec);
        try (Session session = node.containers.attach(id, AttachOptions.INTERACTIVE)) {
            session.resize(44, 132);
            session.write(java.nio.ByteBuffer.wrap("stty size; exit 6\n".getBytes(StandardCharsets.UTF_8)));
            assertThat(output(session)).contains("44 132").endsWith("exit 6");
        }
        assertThat(node.awaitExit(id).code()).isEqualTo(6);
    }

    @Test
    void missesNothingWhenAttachedBeforeTheStart() throws Exception {
        AllocationSpec spec =
                Allocations.of().command(List.of("echo", "first words")).build();
        ContainerId id = new ContainerId(spec.allocationId(), 1);
        List<Session> sessions = new ArrayList<>();
        node.containers.start(
                new ContainerRequest(id, spec, node.image),
                shim -> sessions.add(shim.attach(AttachOptions.INTERACTIVE)));
        try (Session session = sessions.getFirst()) {
            assertThat(output(session)).isEqualTo("first words\nexit 0");
        }
    }

    @Test
    void givesTheFirstWhoAttachesEverythingSinceTheStartEvenAfterTheEnd() throws Exception {
        for (int i = 0; i < 20; i++) {
            AllocationSpec spec = Allocations.of()
                    .tty()
                    .command(List.of("echo", "first words"))
                    .build();
            ContainerId id = node.start(spec);
            if (i % 2 == 0) {
                node.awaitExit(id);
                node.containers.remove(id);
            }
            try (Session session = firstSession(spec)) {
                assertThat(output(session)).isEqualTo("first words\r\nexit 0");
            }
            assertThat(node.containers.firstSession(spec.allocationId(), AttachOptions.INTERACTIVE))
                    .isEmpty();
        }
    }

    @Test
    void theFirstWhoAttachesOwnsTheInput() throws Exception {
        AllocationSpec spec = Allocations.of()
                .stdin()
                .command(List.of("sh", "-c", "cat; exit 4"))
                .build();
        ContainerId id = node.start(spec);
        try (Session session = firstSession(spec)) {
            session.write(java.nio.ByteBuffer.wrap("to the cat\n".getBytes(StandardCharsets.UTF_8)));
            assertThat(session.next()).isInstanceOf(SessionEvent.Output.class);
        }
        assertThat(node.awaitExit(id).code()).isEqualTo(4);
        assertThat(node.log(id)).isEqualTo("to the cat\n");
    }

    private Session firstSession(AllocationSpec spec) {
        return node.containers
                .firstSession(spec.allocationId(), AttachOptions.INTERACTIVE)
                .orElseThrow();
    }

    /** All but those of logs, which are the caller's to remove. */
    private List<Path> directories() throws Exception {
        try (var data = Files.walk(node.paths.data());
                var runtime = Files.walk(node.paths.runtime())) {
            return Stream.concat(data, runtime)
                    .filter(path -> Files.isDirectory(path) && !path.startsWith(node.paths.logs()))
                    .sorted()
                    .toList();
        }
    }

    /** How many descriptors of each kind the agent has open: sockets, pidfds, files by name. */
    private static Map<String, Integer> descriptors() throws Exception {
        Map<String, Integer> open = new TreeMap<>();
        for (String number : Traces.names(Path.of("/proc/self/fd"))) {
            Path link = Path.of("/proc/self/fd", number);
            if (Files.isSymbolicLink(link)) {
                String kind = Files.readSymbolicLink(link).toString().replaceAll(":\\[[0-9]+]", "");
                open.merge(kind, 1, Integer::sum);
            }
        }
        open.keySet().removeIf(kind -> kind.endsWith(".jar"));
        return open;
    }

    /** The agent's threads by name, virtual ones too; not those that the JDK's pools make and end as they see fit. */
    private static Map<String, Integer> threads() throws Exception {
        Path dump = Files.createTempDirectory("threads").resolve("dump");
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .dumpThreads(dump.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
        Map<String, Integer> running = new TreeMap<>();
        Pattern title = Pattern.compile("^#[0-9]+ \"([^\"]*)\".*");
        for (String line : Files.readAllLines(dump)) {
            Matcher matcher = title.matcher(line);
            if (matcher.matches() && !matcher.group(1).matches("ForkJoinPool.*|process reaper.*|Attach Listener")) {
                running.merge(matcher.group(1).replaceAll("[0-9a-f-]{8,}|[0-9]+", "N"), 1, Integer::sum);
            }
        }
        Files.delete(dump);
        Files.delete(dump.getParent());
        return running;
    }

    /** Those that there were fewer of; another test's may still have been ending then. */
    private static Map<String, Integer> more(Map<String, Integer> now, Map<String, Integer> before) {
        Map<String, Integer> more = new TreeMap<>(now);
        more.entrySet().removeIf(each -> each.getValue() <= before.getOrDefault(each.getKey(), 0));
        return more;
    }

    @Test
    void leavesNothingAfterAnyHistory() throws Exception {
        Random random = new Random(SEED);
        Traces empty = Traces.of(node);
        oneLife(random, true);
        List<Path> directories = directories();
        Map<String, Integer> descriptors = descriptors();
        Map<String, Integer> threads = threads();
        for (int i = 0; i < CYCLES; i++) {
            oneLife(random, random.nextInt(4) == 0);
        }
        // Links are removed, and connections closed, a moment later by threads of their own.
        TestNode.settle(() -> {
            try {
                return Traces.of(node).equals(empty)
                        && descriptors().equals(descriptors)
                        && more(threads(), threads).isEmpty();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(Traces.of(node)).isEqualTo(empty);
        assertThat(directories()).isEqualTo(directories);
        assertThat(descriptors()).isEqualTo(descriptors);
        assertThat(more(threads(), threads)).isEmpty();
        assertThat(node.parts.cgroups().shims().processes()).isEmpty();
        assertThat(node.parts.snapshots().owners()).isEmpty();
    }

    private void oneLife(Random random, boolean bridge) throws Exception {
        Allocations allocation =
                Allocations.of().network(bridge ? AllocationSpec.Network.BRIDGE : AllocationSpec.Network.NONE);
        List<String> command = switch (random.nextInt(5)) {
            case 0 -> List.of("true");
            case 1 -> List.of("sh", "-c", "sleep 1000 & sleep 1000 & exit 3");
            case 2 -> List.of("nonsense");
            case 3 -> List.of("sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.02; done");
            default -> List.of("sleep", "1000");
        };
        AllocationSpec spec = allocation.command(command).build();
        int attempts = 1 + random.nextInt(2);
        for (int attempt = 1; attempt <= attempts; attempt++) {
            ContainerId id = new ContainerId(spec.allocationId(), attempt);
            try {
                node.start(spec, attempt);
                switch (random.nextInt(4)) {
                    case 0 -> node.containers.stop(id, Duration.ofMillis(random.nextInt(50)));
                    case 1 -> node.containers.kill(id, 9);
                    case 2 -> node.reopen();
                    default -> {} // removed as it is
                }
            } catch (StartException e) {
                assertThat(e.exitCode()).isEqualTo(127);
            }
            node.containers.remove(id);
        }
        node.containers.removeAllocation(spec.allocationId());
    }
}
