package io.flotilla.agent.engine.launch;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Launch plans as the engine makes them for an ordinary container, for tests to vary. */
final class TestPlans {

    static final long FIRST_ID = 1_700_000_000L;
    static final long ORDINARY_CAPABILITIES = 0xa80425fbL;
    static final List<String> ENVIRONMENT = List.of("PATH=/bin:/usr/bin", "HOME=/root");

    static final Set<Namespace> EVERY_NAMESPACE = Set.of(
            Namespace.USER,
            Namespace.NETWORK,
            Namespace.PID,
            Namespace.MOUNT,
            Namespace.UTS,
            Namespace.IPC,
            Namespace.CGROUP);

    private TestPlans() {}

    /** Every namespace, the given root, the usual mounts, fewer capabilities, no_new_privs; then the program. */
    static LaunchPlan container(Step root, boolean terminal, boolean stdin, String... argv) {
        return container(root, terminal, stdin, UnaryOperator.identity(), argv);
    }

    static LaunchPlan container(
            Step root, boolean terminal, boolean stdin, UnaryOperator<List<Step>> change, String... argv) {
        List<Step> steps = new ArrayList<>();
        steps.add(new Step.Namespaces(EVERY_NAMESPACE, Map.of()));
        steps.add(new Step.IdMaps(List.of(new IdRange(0, FIRST_ID, 65536)), List.of(new IdRange(0, FIRST_ID, 65536))));
        steps.add(new Step.Stdio(terminal, stdin, terminal ? 31 : 0, terminal ? 97 : 0));
        steps.add(new Step.Log(1 << 20, 3));
        steps.add(root);
        steps.addAll(mounts());
        if (terminal) {
            steps.add(new Step.Console());
        }
        steps.add(new Step.Sysctl("net/ipv4/ip_unprivileged_port_start", "0"));
        steps.add(new Step.MaskedPath("/proc/kcore"));
        steps.add(new Step.MaskedPath("/proc/acpi"));
        steps.add(new Step.MaskedPath("/sys/firmware"));
        steps.add(new Step.ReadOnlyPath("/proc/sys"));
        steps.add(new Step.ReadOnlyPath("/proc/sysrq-trigger"));
        steps.add(new Step.HostName("box"));
        steps.add(new Step.PivotRoot(Propagation.RPRIVATE));
        steps.addAll(process(argv));
        return new LaunchPlan(LaunchPlan.Kind.CONTAINER, change.apply(steps));
    }

    static LaunchPlan exec(boolean terminal, boolean stdin, String... argv) {
        List<Step> steps = new ArrayList<>();
        steps.add(new Step.Stdio(terminal, stdin, terminal ? 20 : 0, terminal ? 60 : 0));
        steps.addAll(process(argv));
        return new LaunchPlan(LaunchPlan.Kind.EXEC, steps);
    }

    private static List<Step> mounts() {
        Set<MountAttribute> safe = EnumSet.of(MountAttribute.NO_SUID, MountAttribute.NO_DEV, MountAttribute.NO_EXEC);
        Set<MountAttribute> readOnly = EnumSet.copyOf(safe);
        readOnly.add(MountAttribute.READ_ONLY);
        List<Step> steps = new ArrayList<>(List.of(
                Step.FileSystem.plain("proc", "proc", "/proc", List.of(), safe),
                Step.FileSystem.plain(
                        "tmpfs",
                        "tmpfs",
                        "/dev",
                        List.of("mode=755", "size=65536k"),
                        Set.of(MountAttribute.NO_SUID, MountAttribute.STRICT_ATIME)),
                Step.FileSystem.plain(
                        "devpts",
                        "devpts",
                        "/dev/pts",
                        List.of("newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
                        Set.of(MountAttribute.NO_SUID, MountAttribute.NO_EXEC)),
                Step.FileSystem.plain("tmpfs", "shm", "/dev/shm", List.of("mode=1777", "size=65536k"), safe),
                Step.FileSystem.plain("mqueue", "mqueue", "/dev/mqueue", List.of(), safe),
                Step.FileSystem.plain("sysfs", "sysfs", "/sys", List.of(), readOnly)));
        String[] names = {"null", "zero", "full", "random", "urandom"};
        int[] minors = {3, 5, 7, 8, 9};
        for (int i = 0; i < names.length; i++) {
            steps.add(new Step.DeviceNode(
                    "/dev/" + names[i], Step.DeviceNode.Kind.CHARACTER, 1, minors[i], 0666, 0, 0, true));
        }
        steps.add(new Step.DeviceNode("/dev/tty", Step.DeviceNode.Kind.CHARACTER, 5, 0, 0666, 0, 0, true));
        steps.add(new Step.SymbolicLink("/dev/ptmx", "pts/ptmx"));
        steps.add(new Step.SymbolicLink("/dev/fd", "/proc/self/fd"));
        steps.add(new Step.SymbolicLink("/dev/stdout", "/proc/self/fd/1"));
        return steps;
    }

    private static List<Step> process(String... argv) {
        long caps = ORDINARY_CAPABILITIES;
        return List.of(
                new Step.WorkingDirectory("/", false),
                new Step.Umask(022),
                new Step.Identity(0, 0, List.of()),
                new Step.Capabilities(caps, caps, caps, 0, 0),
                new Step.NoNewPrivileges(),
                new Step.Execute(candidates(argv[0]), List.of(argv), ENVIRONMENT));
    }

    private static List<String> candidates(String program) {
        return program.contains("/") ? List.of(program) : List.of("/bin/" + program, "/usr/bin/" + program);
    }

    /** The plan's steps with every step of a type replaced. */
    static UnaryOperator<List<Step>> replacing(Class<? extends Step> type, Step replacement) {
        return steps -> steps.stream()
                .map(step -> type.isInstance(step) ? replacement : step)
                .toList();
    }

    /** The plan's steps with one more in front of the first of a type. */
    static UnaryOperator<List<Step>> before(Class<? extends Step> type, Step... added) {
        return steps -> {
            List<Step> changed = new ArrayList<>(steps);
            int at = 0;
            while (!type.isInstance(changed.get(at))) {
                at++;
            }
            changed.addAll(at, List.of(added));
            return changed;
        };
    }
}
