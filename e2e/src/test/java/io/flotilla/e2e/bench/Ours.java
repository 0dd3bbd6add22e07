package io.flotilla.e2e.bench;

import io.flotilla.agent.AgentPaths;
import io.flotilla.agent.engine.ContainerExit;
import io.flotilla.agent.engine.ContainerRequest;
import io.flotilla.agent.engine.Containers;
import io.flotilla.agent.engine.EngineParts;
import io.flotilla.agent.engine.launch.Shims;
import io.flotilla.agent.image.LocalImage;
import io.flotilla.agent.network.NetworkConfig;
import io.flotilla.agent.network.NodeNetwork;
import io.flotilla.agent.plan.ContainerId;
import io.flotilla.agent.snapshot.Snapshots;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.PortMapping;
import io.flotilla.protocol.Resources;
import io.flotilla.protocol.RestartPolicy;
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
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** An agent's engine, warm, in this process. */
final class Ours implements AutoCloseable {

    private static final long EXIT_SECONDS = 30;
    private static final Duration PURGE_DEADLINE = Duration.ofSeconds(30);
    private static final long NANOS_PER_MICRO = 1000;

    private final Shims shims;
    private final NodeNetwork network;
    private final EngineParts parts;
    private final Containers containers;
    private final LocalImage image;
    private final BlockingQueue<ContainerExit> exits = new LinkedBlockingQueue<>();

    /** To be called on a thread in the network namespace that the bridge shall be in. */
    Ours(Path directory, Path imageTree) throws IOException {
        byte[] node8 = new byte[4];
        ThreadLocalRandom.current().nextBytes(node8);
        var paths = AgentPaths.open(
                directory.resolve("data"),
                directory.resolve("run"),
                HexFormat.of().formatHex(node8));
        image = image(paths, imageTree);
        shims = Shims.open();
        network = NodeNetwork.open(NetworkConfig.of(paths));
        parts = EngineParts.of(paths, shims, Snapshots.open(paths), network, InstantSource.system());
        containers = Containers.open(parts, (id, exit) -> exits.add(exit));
    }

    private static LocalImage image(AgentPaths paths, Path tree) throws IOException {
        Path layer = paths.snapshots().resolve("layers/1");
        Files.createDirectories(layer.getParent());
        Workbench.output("cp", "-a", tree.toString(), layer.toString());
        Digest digest = Digest.sha256("bench".getBytes(StandardCharsets.UTF_8));
        var defaults = new ImageConfig.Defaults(
                "", Set.of(), List.of(), List.of(), List.of("/bin/true"), Set.of(), "", Map.of(), "");
        var config = new ImageConfig(
                null, null, "amd64", "linux", null, defaults, new ImageConfig.RootFs("layers", List.of()), List.of());
        return new LocalImage(digest, digest, config, List.of(layer));
    }

    /** A candidate on this engine; closing it leaves the engine open. */
    Candidate candidate(String name, AllocationSpec.Network kind, List<PortMapping> ports) {
        return Candidate.of(name, () -> once(kind, ports));
    }

    /** Create, start, exit, delete; microseconds. */
    long once(AllocationSpec.Network kind, List<PortMapping> ports) throws Exception {
        UUID allocation = UUID.randomUUID();
        var id = new ContainerId(allocation, 1);
        AllocationSpec spec = spec(allocation, kind, ports);
        long start = System.nanoTime();
        containers.start(new ContainerRequest(id, spec, image));
        ContainerExit exit = exits.poll(EXIT_SECONDS, TimeUnit.SECONDS);
        containers.remove(id);
        containers.removeAllocation(allocation);
        long micros = (System.nanoTime() - start) / NANOS_PER_MICRO;
        if (exit == null || !Integer.valueOf(0).equals(exit.code())) {
            throw new IOException("/bin/true ended with " + exit);
        }
        return micros;
    }

    private static AllocationSpec spec(UUID allocation, AllocationSpec.Network kind, List<PortMapping> ports) {
        return new AllocationSpec(
                allocation,
                UUID.randomUUID(),
                "bench",
                "default",
                1,
                ImageName.parse("flotilla/bench:1"),
                Digest.sha256("bench".getBytes(StandardCharsets.UTF_8)),
                null,
                null,
                Map.of(),
                null,
                null,
                null,
                false,
                false,
                new Resources(1000, 256 << 20, null, null, 0, 256),
                ports,
                RestartPolicy.NEVER,
                null,
                1000,
                AllocationSpec.Isolation.PRIVATE,
                kind,
                false,
                List.of(),
                List.of());
    }

    @Override
    public void close() throws IOException {
        containers.close();
        parts.cgroups().purge(PURGE_DEADLINE);
        network.purge();
        shims.close();
    }
}
