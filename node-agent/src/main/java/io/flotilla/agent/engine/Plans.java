package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.IdRange;
import io.flotilla.agent.engine.launch.LaunchPlan;
import io.flotilla.agent.engine.launch.Namespace;
import io.flotilla.agent.engine.launch.Propagation;
import io.flotilla.agent.engine.launch.Step;
import io.flotilla.agent.oci.LinuxSpec;
import io.flotilla.agent.oci.LinuxSpec.NamespaceType;
import io.flotilla.agent.oci.ProcessSpec;
import io.flotilla.agent.oci.RuntimeSpec;
import io.flotilla.agent.oci.RuntimeSpec.Hook;
import io.flotilla.agent.oci.SpecException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Turns a runtime spec into the flat list of steps that starts it. Pure; no choices are left to the shim. */
final class Plans {

    private final RuntimeSpec spec;
    private final LinuxSpec linux;
    private final PlanInput input;
    private final List<Step> steps = new ArrayList<>();

    private Plans(RuntimeSpec spec, PlanInput input) {
        this.spec = spec;
        this.input = input;
        this.linux = spec.requireLinux();
    }

    /** @throws SpecException naming the field that is wrong, contradicts another, or asks for what this kernel lacks */
    static LaunchPlan container(RuntimeSpec spec, PlanInput input) {
        ProcessSpec process = spec.requireProcess();
        Plans plans = new Plans(spec, input);
        Contradictions.refuse(spec, input.facilities());
        if (plans.linux.seccomp() != null && input.filter().isEmpty()) {
            throw new SpecException("linux.seccomp", "has not been compiled");
        }
        plans.host(process);
        plans.root();
        plans.mounts(process.terminal());
        plans.hooks(false);
        plans.covers();
        plans.names();
        plans.hooks(true);
        ProcessSteps.add(plans.steps, process, input.filter(), plans.ofLinux());
        return new LaunchPlan(LaunchPlan.Kind.CONTAINER, plans.steps);
    }

    private ProcessSteps.OfContainer ofLinux() {
        return ProcessSteps.OfContainer.of(linux, input.facilities(), input.state(), ContainerStatus.CREATING);
    }

    private void host(ProcessSpec process) {
        Set<Namespace> created = EnumSet.noneOf(Namespace.class);
        Map<Namespace, Path> joined = new EnumMap<>(Namespace.class);
        for (LinuxSpec.Namespace namespace : linux.namespaces()) {
            Namespace kind = Namespace.valueOf(namespace.type().name());
            if (namespace.path() == null) {
                created.add(kind);
            } else {
                joined.put(kind, Path.of(namespace.path()));
            }
        }
        steps.add(new Step.Namespaces(created, joined));
        if (created.contains(Namespace.USER)) {
            steps.add(new Step.IdMaps(
                    ranges("linux.uidMappings", linux.uidMappings()),
                    ranges("linux.gidMappings", linux.gidMappings())));
        }
        if (!linux.timeOffsets().isEmpty()) {
            StringBuilder lines = new StringBuilder();
            new TreeMap<>(linux.timeOffsets())
                    .forEach((clock, offset) -> lines.append(clock)
                            .append(' ')
                            .append(offset.secs())
                            .append(' ')
                            .append(offset.nanosecs())
                            .append('\n'));
            steps.add(new Step.TimeOffsets(lines.toString()));
        }
        ProcessSpec.ConsoleSize size = process.consoleSize();
        steps.add(new Step.Stdio(
                process.terminal(), input.stdin(), size == null ? 0 : size.height(), size == null ? 0 : size.width()));
        input.log().ifPresent(steps::add);
        ProcessSteps.addLimits(steps, process, input.cgroups());
    }

    static List<IdRange> ranges(String field, List<LinuxSpec.IdMapping> mappings) {
        if (mappings.isEmpty()) {
            throw new SpecException(field, "a new user namespace needs at least one mapping");
        }
        List<IdRange> ranges = new ArrayList<>();
        for (int i = 0; i < mappings.size(); i++) {
            LinuxSpec.IdMapping mapping = mappings.get(i);
            try {
                ranges.add(new IdRange(mapping.containerId(), mapping.hostId(), mapping.size()));
            } catch (IllegalArgumentException e) {
                throw new SpecException(field + "[" + i + "]", String.valueOf(e.getMessage()), e);
            }
        }
        return ranges;
    }

    private void root() {
        steps.add(
                switch (input.root()) {
                    case RootSource.Overlay o ->
                        new Step.OverlayRoot(
                                o.parent(), o.lower(), o.upper(), o.work(), linux.lists(NamespaceType.USER));
                    // Its files belong to the mapped ids already: a runtime is not to change how they look.
                    case RootSource.Directory d -> new Step.DirectoryRoot(d.path(), false);
                });
    }

    private void mounts(boolean terminal) {
        Mounts mounts = new Mounts(spec, input);
        Devices devices = new Devices(linux.lists(NamespaceType.USER));
        boolean devicesDone = false;
        for (int i = 0; i < spec.mounts().size(); i++) {
            mounts.add(steps, i);
            if (spec.mounts().get(i).destination().equals("/dev")) {
                devicesDone = true;
                devices.add(steps, linux.devices());
            }
        }
        if (!devicesDone && !linux.devices().isEmpty()) {
            devices.add(steps, linux.devices());
        }
        if (terminal) {
            steps.add(new Step.Console());
        }
    }

    /** Those of the host's side are the caller's to run, while the process waits for it. */
    private void hooks(boolean atStart) {
        RuntimeSpec.Hooks hooks = spec.hooks();
        if (hooks == null) {
            return;
        }
        if (!atStart && !(hooks.prestart().isEmpty() && hooks.createRuntime().isEmpty())) {
            steps.add(new Step.Checkpoint());
        }
        List<Hook> here = atStart ? hooks.startContainer() : hooks.createContainer();
        if (here.isEmpty()) {
            return;
        }
        ContainerStatus status = atStart ? ContainerStatus.CREATED : ContainerStatus.CREATING;
        List<String> state = input.state().orElseThrow().around(status);
        for (Hook hook : here) {
            int seconds = hook.timeout() == null ? 0 : hook.timeout();
            steps.add(new Step.Hook(atStart, hook.path(), seconds, hook.args(), hook.env(), state));
        }
    }

    /** After the hooks, which may bring what a parameter is about, a network interface say. */
    private void covers() {
        boolean procfs = spec.mounts().stream().anyMatch(mount -> "proc".equals(mount.type()));
        Sysctls.add(steps, linux, procfs);
        linux.readonlyPaths().forEach(path -> steps.add(new Step.ReadOnlyPath(path)));
        linux.maskedPaths().forEach(path -> steps.add(new Step.MaskedPath(path)));
    }

    private void names() {
        RuntimeSpec.Root root = spec.root();
        if (root != null && root.readonly()) {
            steps.add(new Step.ReadOnlyRoot());
        }
        String propagation = linux.rootfsPropagation() == null ? "rprivate" : linux.rootfsPropagation();
        try {
            steps.add(new Step.PivotRoot(Propagation.valueOf(propagation.toUpperCase(Locale.ROOT))));
        } catch (IllegalArgumentException e) {
            throw new SpecException("linux.rootfsPropagation", "\"" + propagation + "\" is unknown", e);
        }
        if (spec.hostname() != null) {
            steps.add(new Step.HostName(spec.hostname()));
        }
        if (spec.domainname() != null) {
            steps.add(new Step.DomainName(spec.domainname()));
        }
    }
}
