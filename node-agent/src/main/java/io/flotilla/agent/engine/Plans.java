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

    /** @throws SpecException naming the field that is wrong or not supported */
    static LaunchPlan container(RuntimeSpec spec, PlanInput input) {
        ProcessSpec process = spec.requireProcess();
        Plans plans = new Plans(spec, input);
        Unsupported.refuse(spec);
        if (plans.linux.seccomp() != null && input.filter().isEmpty()) {
            throw new SpecException("linux.seccomp", "has not been compiled");
        }
        plans.host(process);
        plans.root();
        plans.mounts(process.terminal());
        plans.names();
        ProcessSteps.add(plans.steps, process, input.filter());
        return new LaunchPlan(LaunchPlan.Kind.CONTAINER, plans.steps);
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
        ProcessSpec.ConsoleSize size = process.consoleSize();
        steps.add(new Step.Stdio(
                process.terminal(), input.stdin(), size == null ? 0 : size.height(), size == null ? 0 : size.width()));
        input.log().ifPresent(steps::add);
        ProcessSteps.addLimits(steps, process, input.cgroups());
    }

    private static List<IdRange> ranges(String field, List<LinuxSpec.IdMapping> mappings) {
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
        boolean idmapped = linux.owns(NamespaceType.USER);
        steps.add(
                switch (input.root()) {
                    case RootSource.Overlay o ->
                        new Step.OverlayRoot(o.parent(), o.lower(), o.upper(), o.work(), idmapped);
                    case RootSource.Directory d -> new Step.DirectoryRoot(d.path(), idmapped);
                });
    }

    private void mounts(boolean terminal) {
        boolean devicesDone = false;
        for (int i = 0; i < spec.mounts().size(); i++) {
            RuntimeSpec.Mount mount = spec.mounts().get(i);
            addMount("mounts[" + i + "]", mount);
            if (mount.destination().equals("/dev")) {
                devicesDone = true;
                new Devices(linux.owns(NamespaceType.USER)).add(steps, linux.devices());
            }
        }
        if (!devicesDone && !linux.devices().isEmpty()) {
            new Devices(linux.owns(NamespaceType.USER)).add(steps, linux.devices());
        }
        if (terminal) {
            steps.add(new Step.Console());
        }
        new TreeMap<>(linux.sysctl())
                .forEach((name, value) -> steps.add(new Step.Sysctl(name.replace('.', '/'), value)));
        linux.readonlyPaths().forEach(path -> steps.add(new Step.ReadOnlyPath(path)));
        linux.maskedPaths().forEach(path -> steps.add(new Step.MaskedPath(path)));
    }

    private void addMount(String field, RuntimeSpec.Mount mount) {
        if (!mount.destination().startsWith("/")) {
            throw new SpecException(field + ".destination", "\"" + mount.destination() + "\" is not absolute");
        }
        MountOptions options = MountOptions.parse(field + ".options", mount.options());
        String type = mount.type() == null ? "" : mount.type();
        if (options.bind() || type.equals("bind")) {
            if (mount.source() == null) {
                throw new SpecException(field + ".source", "a bind mount needs one");
            }
            if (!options.data().isEmpty()) {
                throw new SpecException(
                        field + ".options",
                        "a bind mount has no option \"" + options.data().getFirst() + "\"");
            }
            steps.add(new Step.Bind(
                    Path.of(mount.source()),
                    mount.destination(),
                    options.recursive(),
                    options.idmapped(),
                    options.set(),
                    options.clear(),
                    options.recursiveAttributes(),
                    options.propagation()));
            return;
        }
        if (type.isEmpty()) {
            throw new SpecException(field + ".type", "is missing");
        }
        if (options.idmapped() || options.propagation() != Propagation.RPRIVATE) {
            throw new SpecException(field + ".options", "idmap and propagation are for bind mounts only");
        }
        String source = mount.source() == null ? type : mount.source();
        steps.add(new Step.FileSystem(type, source, mount.destination(), options.data(), options.set()));
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
            requireUts("hostname");
            steps.add(new Step.HostName(spec.hostname()));
        }
        if (spec.domainname() != null) {
            requireUts("domainname");
            steps.add(new Step.DomainName(spec.domainname()));
        }
    }

    /** Setting the name in the host's namespace would rename the host. */
    private void requireUts(String field) {
        if (!linux.owns(NamespaceType.UTS)) {
            throw new SpecException(field, "needs a uts namespace of its own");
        }
    }
}
