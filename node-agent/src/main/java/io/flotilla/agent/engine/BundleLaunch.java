package io.flotilla.agent.engine;

import io.flotilla.agent.cgroup.Cgroup;
import io.flotilla.agent.engine.launch.HandOverRequest;
import io.flotilla.agent.engine.launch.HandedOver;
import io.flotilla.agent.engine.launch.LaunchPlan;
import io.flotilla.agent.engine.launch.Namespace;
import io.flotilla.agent.engine.launch.Shims;
import io.flotilla.agent.engine.launch.Step;
import io.flotilla.agent.kernel.Descriptors;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.network.NetDevices;
import io.flotilla.agent.oci.LinuxSpec;
import io.flotilla.agent.oci.ProcessSpec;
import io.flotilla.agent.oci.RuntimeSpec;
import io.flotilla.agent.oci.SeccompSpec;
import io.flotilla.agent.oci.SpecException;
import io.flotilla.agent.seccomp.Filters;
import io.flotilla.agent.seccomp.Host;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Starts processes that other engines have described in bundles and take over: the same plan as for every container. Control groups
 * are the caller's.
 */
public final class BundleLaunch implements AutoCloseable {

    private static final Path OWN_OOM_SCORE = Path.of("/proc/self/oom_score_adj");

    private final Shims shims;
    private final Filters filters = new Filters(Host.present());

    private BundleLaunch(Shims shims) {
        this.shims = shims;
    }

    public static BundleLaunch open() throws IOException {
        return new BundleLaunch(Shims.open());
    }

    /** A bundle's directory, absolute, its spec, and the id of the container that is made of it. */
    public record Bundle(String id, Path directory, RuntimeSpec spec) {

        private HookState state() {
            return HookState.of(id, directory.toString(), spec);
        }
    }

    /**
     * What the caller gives to the process beside its standard streams.
     *
     * @param console the socket that is sent the terminal of a process with one
     * @param kept the process's descriptors from 3 on
     */
    public record Streams(Optional<Fd> console, List<Fd> kept, boolean newKeyring) {
        public Streams {
            kept = List.copyOf(kept);
        }
    }

    /**
     * Plans a container. Nothing is made, so that whatever is wrong with the spec is known before anything is.
     *
     * @param group where the container's processes will be; it need not exist yet
     * @throws SpecException naming the field
     */
    public LaunchPlan plan(Bundle bundle, Cgroup group) throws IOException {
        RuntimeSpec.Root root = bundle.spec().root();
        if (root == null || root.path() == null || root.path().isEmpty()) {
            throw new SpecException("root.path", "is missing");
        }
        Path directory = bundle.directory().resolve(root.path());
        if (!Files.isDirectory(directory)) {
            throw new SpecException("root.path", "\"" + directory + "\" is no directory");
        }
        PlanInput input = new PlanInput(
                new RootSource.Directory(directory.toRealPath()),
                group.directories(),
                group.hierarchies(),
                true,
                Optional.empty(),
                filter(bundle.spec().requireLinux().seccomp()),
                Facilities.present(),
                Optional.of(bundle.state()));
        return Plans.container(BundleSpec.absolute(bundle.spec(), bundle.directory()), input);
    }

    /** A sentence for each set of capabilities that cannot be granted as a whole. */
    public static List<String> warnings(RuntimeSpec spec) {
        ProcessSpec.Capabilities asked = spec.requireProcess().capabilities();
        Facilities facilities = Facilities.present();
        boolean users = spec.requireLinux().lists(LinuxSpec.NamespaceType.USER);
        return asked == null
                ? List.of()
                : Grants.warnings(asked, users ? facilities.knownCapabilities() : facilities.capabilities());
    }

    private Optional<ByteBuffer> filter(@Nullable SeccompSpec profile) throws IOException {
        return profile == null
                ? Optional.empty()
                : Optional.of(ByteBuffer.wrap(filters.filter(profile).program()));
    }

    /** Makes the container's process, which waits for {@link #prepare} and then for its start. */
    public HandedOver create(LaunchPlan plan, Path stateDirectory, Streams streams) throws IOException {
        return handOver(plan, Set.of(), stateDirectory, Optional.empty(), streams);
    }

    /** Lets a container's process come up to its start, and runs the hooks on the way. */
    public static void prepare(Bundle bundle, HandedOver process) throws IOException {
        moveDevices(bundle.spec().requireLinux(), process.pid());
        process.proceed();
        RuntimeSpec.Hooks hooks = bundle.spec().hooks();
        if (hooks != null && !process.ready()) {
            String state = bundle.state().text(ContainerStatus.CREATING, process.pid());
            HostHooks.run("hooks.prestart", hooks.prestart(), state);
            HostHooks.run("hooks.createRuntime", hooks.createRuntime(), state);
            process.proceed();
        }
    }

    /** The process waits meanwhile, so its namespace cannot go away. */
    static void moveDevices(LinuxSpec linux, int pid) throws IOException {
        if (linux.netDevices().isEmpty()) {
            return;
        }
        try (Fd namespace = Descriptors.open("/proc/" + pid + "/ns/net", Descriptors.O_RDONLY, 0)) {
            for (Map.Entry<String, LinuxSpec.NetDevice> device :
                    linux.netDevices().entrySet()) {
                String newName = device.getValue().name();
                NetDevices.move(device.getKey(), newName == null ? device.getKey() : newName, namespace);
            }
        }
    }

    /** Runs the hooks after a start. */
    public static void started(Bundle bundle, int pid) throws IOException {
        RuntimeSpec.Hooks hooks = bundle.spec().hooks();
        if (hooks != null) {
            HostHooks.run("hooks.poststart", hooks.poststart(), bundle.state().text(ContainerStatus.RUNNING, pid));
        }
    }

    /** Runs the hooks after the removal of a container. */
    public static void removed(Bundle bundle) throws IOException {
        RuntimeSpec.Hooks hooks = bundle.spec().hooks();
        if (hooks != null) {
            HostHooks.run("hooks.poststop", hooks.poststop(), bundle.state().text(ContainerStatus.STOPPED, 0));
        }
    }

    /**
     * Makes a further process in a container, which runs after {@link HandedOver#proceed}.
     *
     * @param bundle the container's, with the process to be made in its spec
     * @param container the pidfd of its first process
     */
    public HandedOver exec(Bundle bundle, Cgroup group, Path stateDirectory, Fd container, Streams streams)
            throws IOException {
        LinuxSpec linux = bundle.spec().requireLinux();
        ProcessSpec process = bundle.spec().requireProcess();
        LaunchPlan plan = ProcessSteps.exec(
                process,
                group.directories(),
                true,
                filter(linux.seccomp()),
                ProcessSteps.OfContainer.present(linux, Optional.of(bundle.state())));
        Set<Namespace> entered = EnumSet.noneOf(Namespace.class);
        for (LinuxSpec.Namespace namespace : linux.namespaces()) {
            entered.add(Namespace.valueOf(namespace.type().name()));
        }
        return handOver(plan, entered, stateDirectory, Optional.of(container), streams);
    }

    private HandedOver handOver(
            LaunchPlan plan, Set<Namespace> entered, Path stateDirectory, Optional<Fd> container, Streams streams)
            throws IOException {
        LaunchPlan whole = plan.with(new Step.HandOver(streams.kept().size(), entered, streams.newKeyring()));
        if (plan.steps().stream().noneMatch(Step.OomScore.class::isInstance)) {
            // The specification leaves it alone then; the shim would give it the kernel's default.
            whole = whole.with(new Step.OomScore(
                    Integer.parseInt(Files.readString(OWN_OOM_SCORE).strip())));
        }
        return shims.handOver(new HandOverRequest(stateDirectory, whole, container, streams.console(), streams.kept()));
    }

    @Override
    public void close() throws KernelException {
        shims.close();
    }
}
