package io.flotilla.agent.engine;

import io.flotilla.agent.cgroup.Cgroup;
import io.flotilla.agent.engine.launch.LaunchPlan;
import io.flotilla.agent.engine.launch.Shim;
import io.flotilla.agent.engine.launch.ShimRequest;
import io.flotilla.agent.engine.launch.Step;
import io.flotilla.agent.kernel.Descriptors;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.network.AttachRequest;
import io.flotilla.agent.network.Attachment;
import io.flotilla.agent.oci.ImageDefaults;
import io.flotilla.agent.oci.Ordinary;
import io.flotilla.agent.oci.RuntimeSpec;
import io.flotilla.agent.oci.SeccompSpec;
import io.flotilla.agent.oci.UserTable;
import io.flotilla.agent.plan.ContainerId;
import io.flotilla.agent.seccomp.Filter;
import io.flotilla.agent.snapshot.Snapshot;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.registry.ImageConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One start, in an order that a crash may cut anywhere: what is made is named after the container, and a directory in the
 * runtime directory, the first thing made and the last removed, tells the next agent that there is something to look for.
 */
final class Launch {

    private static final long LOG_SEGMENT_BYTES = 8 << 20;
    private static final int LOG_SEGMENTS = 4;
    private static final int LARGEST_USER_TABLE = 4 << 20;

    private final EngineParts parts;
    private final ContainerRequest request;
    private final AllocationSpec spec;
    private final ContainerId id;
    private final Container container;
    private final StartHook hook;

    Launch(EngineParts parts, ContainerRequest request, Container container, StartHook hook) {
        this.hook = hook;
        this.parts = parts;
        this.request = request;
        this.spec = request.spec();
        this.id = request.id();
        this.container = container;
    }

    /** Everything up to the running program. Cleaning up after a failure is the caller's. */
    void run() throws IOException {
        ImageDefaults image = defaults(request.image().config().config());
        int stopSignal = Ordinary.stopSignal(spec, image);
        boolean privateIds = spec.userns() == AllocationSpec.Isolation.PRIVATE;
        PrivateFiles.directory(container.directory);
        Long idBase = privateIds ? Long.valueOf(parts.idRanges().take(id.allocationId())) : null;
        int root = idBase == null ? 0 : Math.toIntExact(idBase);
        Snapshot snapshot = parts.snapshots().prepare(id.allocationId().toString(), request.image(), root, root);
        RuntimeSpec bare = Ordinary.spec(spec, image, users(snapshot), node(idBase, root));
        SeccompSpec profile = parts.profile().resolve(capabilities(bare), io.flotilla.agent.seccomp.Host.present());
        Filter filter = parts.filters().filter(profile);
        Cgroup cgroup =
                parts.cgroups().create(id.toString(), bare.requireLinux().limits());
        LaunchPlan plan = Plans.container(bare, input(snapshot, cgroup, filter));
        Manifest manifest = new Manifest(
                spec.network(), stopSignal, request.image().digest(), filter.profile(), null, List.of(), null);
        Manifest.writeSpec(container.directory, bare);
        manifest.write(container.directory);
        container.manifest(manifest);
        launch(plan);
    }

    private void launch(LaunchPlan plan) throws IOException {
        Path logs = parts.paths().logs(id.allocationId().toString(), id.attempt());
        PrivateFiles.directory(logs);
        Shim shim = parts.shims().spawn(new ShimRequest(container.directory, Optional.of(logs), plan));
        container.shim(shim, shim.record().pid());
        parts.cgroups().shims().add(shim.record().shimPid());
        connect(shim);
        shim.proceed();
        container.become(ContainerStatus.CREATED);
        hook.created(shim);
        shim.start();
        container.become(ContainerStatus.RUNNING);
        Manifest manifest =
                EngineParts.required(container.manifest()).started(parts.clock().instant());
        container.manifest(manifest);
        manifest.write(container.directory);
    }

    /** The process waits meanwhile, so its namespace cannot go away. */
    private void connect(Shim shim) throws IOException {
        if (spec.network() == AllocationSpec.Network.HOST) {
            return;
        }
        String namespace = "/proc/" + shim.record().pid() + "/ns/net";
        try (Fd fd = Descriptors.open(namespace, Descriptors.O_RDONLY, 0)) {
            if (spec.network() == AllocationSpec.Network.NONE) {
                parts.network().bringUpLoopback(fd);
                return;
            }
            Attachment attachment = parts.network()
                    .attach(new AttachRequest(
                            id.toString(),
                            fd,
                            Ordinary.hostName(spec),
                            spec.team(),
                            List.of(spec.workload()),
                            spec.ports()));
            Manifest manifest = EngineParts.required(container.manifest())
                    .attached(attachment.ports(), attachment.address().toString());
            container.manifest(manifest);
            manifest.write(container.directory);
        }
    }

    static ImageDefaults defaults(ImageConfig.Defaults config) {
        return new ImageDefaults(
                config.entrypoint(),
                config.cmd(),
                config.env(),
                config.user(),
                config.workingDir(),
                config.stopSignal(),
                List.copyOf(config.volumes()));
    }

    private static UserTable users(Snapshot snapshot) throws IOException {
        List<Path> topmostFirst = new ArrayList<>(snapshot.lowerDirs().reversed());
        topmostFirst.addFirst(snapshot.upper());
        LayeredTree tree = new LayeredTree(topmostFirst);
        return new UserTable(tree.read("/etc/passwd", LARGEST_USER_TABLE), tree.read("/etc/group", LARGEST_USER_TABLE));
    }

    private Ordinary.Node node(@Nullable Long idBase, int root) throws IOException {
        Names.Shown names = new Names(parts).make(id, spec, root);
        return new Ordinary.Node(
                idBase,
                IdRanges.SIZE,
                parts.openFilesLimit(),
                names.hosts(),
                names.resolvConf(),
                names.hostName(),
                List.copyOf(new TreeSet<>(parts.layout().v1().keySet())));
    }

    private static Set<String> capabilities(RuntimeSpec spec) {
        var sets = spec.requireProcess().capabilities();
        return sets == null ? Set.of() : Set.copyOf(sets.bounding());
    }

    private PlanInput input(Snapshot snapshot, Cgroup cgroup, Filter filter) {
        List<String> names = snapshot.lowerDirs().stream()
                .map(layer -> snapshot.layersParent().relativize(layer).toString())
                .toList();
        return new PlanInput(
                new RootSource.Overlay(snapshot.layersParent(), names, snapshot.upper(), snapshot.work()),
                cgroup.directories(),
                spec.stdin(),
                Optional.of(new Step.Log(LOG_SEGMENT_BYTES, LOG_SEGMENTS)),
                Optional.of(ByteBuffer.wrap(filter.program())));
    }
}
