package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.AgentPaths;
import io.flotilla.agent.cgroup.CgroupLayout;
import io.flotilla.agent.engine.launch.Shims;
import io.flotilla.agent.image.LocalImage;
import io.flotilla.agent.kernel.SeccompLibrary;
import io.flotilla.agent.network.NetworkConfig;
import io.flotilla.agent.network.NodeNetwork;
import io.flotilla.agent.plan.ContainerId;
import io.flotilla.agent.snapshot.Snapshots;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.registry.ImageConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A node of its own with a real engine and a busybox image, for one test class. Needs root. */
final class TestNode {

    static final Duration DEADLINE = Duration.ofMinutes(2);

    /** What the listener was told. */
    record Told(ContainerId container, ContainerExit exit) {}

    final AgentPaths paths;
    final LocalImage image;
    final Queue<Told> told = new ConcurrentLinkedQueue<>();
    private final Path directory;
    private Shims shims;
    private NodeNetwork network;
    EngineParts parts;
    Containers containers;

    TestNode() throws Exception {
        this(Files.createTempDirectory("fspec"), anyNode());
    }

    /**
     * As an agent that starts in a directory where another was.
     *
     * @param node8 eight hexadecimal digits, the other's too
     */
    TestNode(Path directory, String node8) throws Exception {
        this.directory = directory;
        paths = AgentPaths.open(directory.resolve("data"), directory.resolve("run"), node8);
        assumeTrue(System.getProperty("user.name").equals("root"), "containers need root");
        assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "busybox-static is not installed");
        assumeTrue(SeccompLibrary.present(), "libseccomp.so.2 is not installed");
        assumeTrue(CgroupLayout.detect().missing().isEmpty(), "the host lacks cpu, memory or pids control groups");
        image = busybox();
        open();
    }

    Path directory() {
        return directory;
    }

    private static String anyNode() {
        byte[] node = new byte[4];
        ThreadLocalRandom.current().nextBytes(node);
        return HexFormat.of().formatHex(node);
    }

    private LocalImage busybox() throws IOException {
        Path layer = paths.snapshots().resolve("layers/1");
        if (!Files.exists(layer)) {
            fill(Files.createDirectories(layer));
        }
        Digest digest = Digest.sha256("busybox".getBytes(StandardCharsets.UTF_8));
        ImageConfig.Defaults defaults = new ImageConfig.Defaults(
                "", Set.of(), List.of("FROM_IMAGE=yes"), List.of(), List.of("sh"), Set.of(), "", Map.of(), "");
        ImageConfig config = new ImageConfig(
                null, null, "amd64", "linux", null, defaults, new ImageConfig.RootFs("layers", List.of()), List.of());
        return new LocalImage(digest, digest, config, List.of(layer));
    }

    private static void fill(Path layer) throws IOException {
        for (String name : List.of("bin", "etc", "root", "tmp", "proc", "sys", "dev")) {
            Files.createDirectories(layer.resolve(name));
        }
        Files.copy(Path.of("/bin/busybox"), layer.resolve("bin/busybox"));
        for (String applet : List.of(
                "sh",
                "cat",
                "sleep",
                "true",
                "false",
                "id",
                "tail",
                "echo",
                "grep",
                "ls",
                "kill",
                "mount",
                "hostname",
                "ip",
                "touch",
                "stat",
                "dd",
                "mknod",
                "ping",
                "wc",
                "nc",
                "env",
                "sed",
                "ps",
                "head",
                "stty",
                "readlink")) {
            Files.createSymbolicLink(layer.resolve("bin/" + applet), Path.of("busybox"));
        }
        Files.writeString(layer.resolve("etc/passwd"), "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/srv:/bin/sh\n");
        Files.writeString(layer.resolve("etc/group"), "root:x:0:\napp:x:1001:\nextra:x:50:app\n");
        Files.writeString(layer.resolve("plain"), "not a program");
    }

    /** As an agent that starts. */
    void open() throws IOException {
        shims = Shims.open();
        network = NodeNetwork.open(NetworkConfig.of(paths));
        parts = EngineParts.of(paths, shims, Snapshots.open(paths), network, InstantSource.system());
        containers = Containers.open(parts, (container, exit) -> told.add(new Told(container, exit)));
    }

    /** As an agent that ends: nothing of the containers is touched. */
    void leave() throws IOException {
        containers.close();
        network.close();
        shims.close();
    }

    void reopen() throws IOException {
        leave();
        open();
    }

    ContainerId start(AllocationSpec spec) throws StartException {
        return start(spec, 1);
    }

    ContainerId start(AllocationSpec spec, int attempt) throws StartException {
        ContainerId id = new ContainerId(spec.allocationId(), attempt);
        ContainerView view = containers.start(new ContainerRequest(id, spec, image));
        assertThat(view.id()).isEqualTo(id);
        return id;
    }

    ContainerExit awaitExit(ContainerId id) {
        await(() -> containers.find(id).orElseThrow().exit() != null);
        return Objects.requireNonNull(containers.find(id).orElseThrow().exit());
    }

    /** Standard output and error of an attempt, without times. */
    String log(ContainerId id) throws IOException {
        StringBuilder text = new StringBuilder();
        Path logs = paths.logs(id.allocationId().toString(), id.attempt());
        try (var segments = Files.list(logs)) {
            for (Path segment : segments.sorted().toList()) {
                for (String line : Files.readAllLines(segment)) {
                    text.append(line.split(" ", 4)[3]).append('\n');
                }
            }
        }
        return text.toString();
    }

    /** Runs a shell script to its end and returns what it wrote. */
    String run(io.flotilla.agent.oci.Allocations allocation, String script) throws Exception {
        AllocationSpec spec = allocation.command(List.of("sh", "-c", script)).build();
        ContainerId id = start(spec);
        awaitExit(id);
        String output = log(id);
        containers.remove(id);
        containers.removeAllocation(spec.allocationId());
        return output;
    }

    static void await(BooleanSupplier condition) {
        assertThat(settle(condition)).as("came true before the deadline").isTrue();
    }

    /** Waits for the condition, but not beyond the deadline. */
    static boolean settle(BooleanSupplier condition) {
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            LockSupport.parkNanos(2_000_000);
        }
        return true;
    }

    void close() throws Exception {
        for (ContainerView view : containers.list()) {
            containers.remove(view.id());
        }
        containers.close();
        parts.cgroups().purge(DEADLINE);
        network.purge();
        shims.close();
        PrivateFiles.remove(directory);
    }
}
