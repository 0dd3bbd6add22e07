package io.flotilla.agent.oci;

import io.flotilla.agent.oci.LinuxSpec.IdMapping;
import io.flotilla.agent.oci.LinuxSpec.Namespace;
import io.flotilla.agent.oci.LinuxSpec.NamespaceType;
import io.flotilla.agent.oci.RuntimeSpec.Mount;
import io.flotilla.protocol.AllocationSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The spec of an ordinary container, from an allocation and its image: everything private, a user namespace, few
 * capabilities, no way to gain more, a filter. Pure.
 */
public final class Ordinary {

    private static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final long CPU_PERIOD_MICROS = 100_000;
    private static final long OPEN_FILES_SOFT = 1024;
    private static final long OPEN_FILES_HARD = 524_288;

    private static final List<String> MASKED = List.of(
            "/proc/acpi",
            "/proc/asound",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/sys/devices/virtual/powercap",
            "/sys/firmware");

    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private Ordinary() {}

    /**
     * What the node adds to an allocation.
     *
     * @param idBase first host id of the container's range, null with {@code userns: host}
     * @param idCount length of the range
     * @param openFilesLimit the node's own hard limit of open files, which cannot be exceeded
     * @param hosts, resolvConf, hostnameFile: files to show as those of /etc, the container's own; null leaves the image's
     * @param cgroupControllers v1 hierarchies by their names in /proc/self/cgroup; empty on cgroup2
     */
    public record Node(
            @Nullable Long idBase,
            long idCount,
            long openFilesLimit,
            @Nullable Path hosts,
            @Nullable Path resolvConf,
            @Nullable Path hostnameFile,
            List<String> cgroupControllers) {
        public Node {
            cgroupControllers = List.copyOf(cgroupControllers);
        }
    }

    /** The host name: as asked, else the last twelve hex digits of the id, which differ between replicas. */
    public static String hostName(AllocationSpec allocation) {
        if (allocation.hostName() != null) {
            return allocation.hostName();
        }
        String id = allocation.allocationId().toString().replace("-", "");
        return id.substring(id.length() - 12);
    }

    /** The signal that asks the container to end. */
    public static int stopSignal(AllocationSpec allocation, ImageDefaults image) {
        if (allocation.stopSignal() != null) {
            return Signals.number("stopSignal", allocation.stopSignal());
        }
        String ofImage = image.stopSignal();
        return ofImage == null || ofImage.isEmpty() ? Signals.TERM : Signals.number("image.stopSignal", ofImage);
    }

    /** @throws SpecException if no container can be made of it; the message names the field */
    public static RuntimeSpec spec(AllocationSpec allocation, ImageDefaults image, UserTable users, Node node) {
        stopSignal(allocation, image);
        Set<Capability> capabilities = Capability.ordinary(allocation.capAdd(), allocation.capDrop());
        return new RuntimeSpec(
                RuntimeSpec.VERSION,
                process(allocation, image, users, node, capabilities),
                new RuntimeSpec.Root("rootfs", allocation.readOnlyRootfs()),
                hostName(allocation),
                null,
                mounts(allocation, node),
                null,
                Map.of(
                        "io.flotilla.allocation", allocation.allocationId().toString(),
                        "io.flotilla.workload", allocation.workload(),
                        "io.flotilla.team", allocation.team(),
                        "io.flotilla.image", allocation.image() + "@" + allocation.digest()),
                linux(allocation, node));
    }

    private static ProcessSpec process(
            AllocationSpec allocation, ImageDefaults image, UserTable users, Node node, Set<Capability> capabilities) {
        UserTable.Identity identity =
                users.resolve("user", allocation.user() != null ? allocation.user() : image.user());
        if (node.idBase() != null) {
            requireMapped(identity, node.idCount());
        }
        List<String> names = Capability.ociNames(capabilities);
        // Inheritable and ambient stay empty: they would hand capabilities to what is executed (CVE-2022-24769).
        ProcessSpec.Capabilities sets = new ProcessSpec.Capabilities(names, names, List.of(), names, List.of());
        long hard = Math.min(OPEN_FILES_HARD, node.openFilesLimit());
        return new ProcessSpec(
                allocation.tty(),
                null,
                new ProcessSpec.User(identity.uid(), identity.gid(), null, identity.additionalGids()),
                arguments(allocation, image),
                environment(allocation, image, identity),
                workingDir(allocation, image),
                sets,
                List.of(new ProcessSpec.Rlimit("RLIMIT_NOFILE", Math.min(OPEN_FILES_SOFT, hard), hard)),
                true,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    /** @throws SpecException if an id of the identity is not in the range */
    public static void requireMapped(UserTable.Identity identity, long count) {
        List<Long> all = new ArrayList<>(identity.additionalGids());
        all.add(identity.uid());
        all.add(identity.gid());
        for (long id : all) {
            if (id >= count) {
                throw new SpecException("user", "id " + id + " is outside the container's ids, 0 to " + (count - 1));
            }
        }
    }

    private static List<String> arguments(AllocationSpec allocation, ImageDefaults image) {
        List<String> arguments = new ArrayList<>();
        boolean replaced = allocation.command() != null && !allocation.command().isEmpty();
        arguments.addAll(replaced ? allocation.command() : image.entrypoint());
        if (allocation.args() != null) {
            arguments.addAll(allocation.args());
        } else if (!replaced) {
            arguments.addAll(image.command()); // the image's arguments belong to the image's entry point
        }
        if (arguments.isEmpty()) {
            throw new SpecException("command", "neither the workload nor the image says what to run");
        }
        if (arguments.getFirst().isEmpty()) {
            throw new SpecException("command", "the program's name is empty");
        }
        for (String argument : arguments) {
            requireNoNul("command", argument);
        }
        return arguments;
    }

    private static void requireNoNul(String field, String value) {
        if (value.indexOf('\0') >= 0) {
            throw new SpecException(field, "contains a zero byte");
        }
    }

    /** Later ones win; the order of first appearance stays. */
    private static List<String> environment(
            AllocationSpec allocation, ImageDefaults image, UserTable.Identity identity) {
        Map<String, String> variables = new LinkedHashMap<>();
        put(variables, PATH);
        variables.put("HOSTNAME", hostName(allocation));
        if (allocation.tty()) {
            variables.put("TERM", "xterm");
        }
        image.env().forEach(variable -> put(variables, variable));
        allocation.env().entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(entry -> {
            if (entry.getKey().isEmpty() || entry.getKey().indexOf('=') >= 0) {
                throw new SpecException("env", "\"" + entry.getKey() + "\" is no variable's name");
            }
            requireNoNul("env." + entry.getKey(), entry.getKey() + entry.getValue());
            variables.put(entry.getKey(), entry.getValue());
        });
        variables.putIfAbsent("HOME", identity.home() == null || identity.home().isEmpty() ? "/" : identity.home());
        return variables.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .toList();
    }

    private static void put(Map<String, String> variables, String assignment) {
        int equals = assignment.indexOf('=');
        if (equals > 0) {
            variables.put(assignment.substring(0, equals), assignment.substring(equals + 1));
        }
    }

    private static String workingDir(AllocationSpec allocation, ImageDefaults image) {
        String directory = allocation.workingDir() != null ? allocation.workingDir() : image.workingDir();
        if (directory == null || directory.isEmpty()) {
            return "/";
        }
        if (!directory.startsWith("/")) {
            throw new SpecException("workingDir", "\"" + directory + "\" is not absolute");
        }
        requireNoNul("workingDir", directory);
        return directory;
    }

    private static List<Mount> mounts(AllocationSpec allocation, Node node) {
        List<Mount> mounts = new ArrayList<>();
        mounts.add(Mount.of("/proc", "proc", "proc", "nosuid", "noexec", "nodev"));
        mounts.add(Mount.of("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"));
        mounts.add(Mount.of(
                "/dev/pts",
                "devpts",
                "devpts",
                "nosuid",
                "noexec",
                "newinstance",
                "ptmxmode=0666",
                "mode=0620",
                "gid=5"));
        mounts.add(Mount.of("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"));
        mounts.add(Mount.of("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"));
        if (allocation.network() == AllocationSpec.Network.HOST) {
            // Only the owner of a network namespace may mount its sysfs.
            mounts.add(Mount.of("/sys", "bind", "/sys", "bind", "nosuid", "noexec", "nodev", "ro"));
        } else {
            mounts.add(Mount.of("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"));
        }
        addCgroups(mounts, node.cgroupControllers());
        addFile(mounts, "/etc/resolv.conf", node.resolvConf(), allocation.readOnlyRootfs());
        addFile(mounts, "/etc/hosts", node.hosts(), allocation.readOnlyRootfs());
        addFile(mounts, "/etc/hostname", node.hostnameFile(), allocation.readOnlyRootfs());
        return mounts;
    }

    private static void addCgroups(List<Mount> mounts, List<String> controllers) {
        if (controllers.isEmpty()) {
            mounts.add(Mount.of("/sys/fs/cgroup", "cgroup2", "cgroup", "nosuid", "noexec", "nodev", "ro"));
            return;
        }
        mounts.add(Mount.of("/sys/fs/cgroup", "tmpfs", "tmpfs", "nosuid", "noexec", "nodev", "mode=755", "size=64k"));
        for (String controller : controllers) {
            boolean named = controller.startsWith("name=");
            List<String> options = new ArrayList<>(List.of("nosuid", "noexec", "nodev", "ro", controller));
            if (named) {
                options.add("none"); // the kernel wants it said that a hierarchy has no controllers
            }
            String directory = named ? controller.substring("name=".length()) : controller;
            mounts.add(Mount.of("/sys/fs/cgroup/" + directory, "cgroup", "cgroup", options.toArray(String[]::new)));
        }
    }

    private static void addFile(List<Mount> mounts, String destination, @Nullable Path source, boolean readOnly) {
        if (source != null) {
            String access = readOnly ? "ro" : "rw";
            mounts.add(Mount.of(destination, "bind", source.toString(), "bind", "nosuid", "nodev", "noexec", access));
        }
    }

    private static LinuxSpec linux(AllocationSpec allocation, Node node) {
        List<Namespace> namespaces = new ArrayList<>();
        for (NamespaceType type : NamespaceType.values()) {
            boolean shared = (type == NamespaceType.NETWORK && allocation.network() == AllocationSpec.Network.HOST)
                    || (type == NamespaceType.USER && node.idBase() == null)
                    || type == NamespaceType.TIME; // nothing in an ordinary container needs other clocks
            if (!shared) {
                namespaces.add(new Namespace(type, null));
            }
        }
        List<IdMapping> mapping =
                node.idBase() == null ? List.of() : List.of(new IdMapping(0, node.idBase(), node.idCount()));
        return new LinuxSpec(
                namespaces,
                mapping,
                mapping,
                Map.of(),
                List.of(),
                null,
                resources(allocation.resources()),
                "rprivate",
                null,
                sysctls(allocation),
                MASKED,
                READ_ONLY,
                null,
                null,
                null,
                null,
                Map.of());
    }

    /** Ports below 1024 and ping work without being root: in a private network namespace they are nobody else's. */
    private static Map<String, String> sysctls(AllocationSpec allocation) {
        return allocation.network() == AllocationSpec.Network.HOST
                ? Map.of()
                : Map.of("net.ipv4.ip_unprivileged_port_start", "0", "net.ipv4.ping_group_range", "0 65535");
    }

    private static Resources resources(io.flotilla.protocol.Resources asked) {
        long shares = asked.cpuShares() != null ? asked.cpuShares() : Math.max(2, asked.cpuMillis() * 1024 / 1000);
        return new Resources(
                devices(),
                Resources.Memory.of(
                        asked.memoryBytes(), asked.memoryReservationBytes(), asked.memoryBytes() + asked.swapBytes()),
                Resources.Cpu.of(
                        Math.min(shares, 262_144), asked.cpuMillis() * CPU_PERIOD_MICROS / 1000, CPU_PERIOD_MICROS),
                new Resources.Pids(asked.pids()),
                null,
                List.of(),
                null,
                Map.of(),
                Map.of());
    }

    /** null, zero, full, tty, random, urandom, console, ptmx and the pseudo-terminals; nothing else. */
    private static List<Resources.DeviceRule> devices() {
        List<Resources.DeviceRule> rules = new ArrayList<>();
        rules.add(new Resources.DeviceRule(false, "a", null, null, "rwm"));
        long[][] allowed = {{1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}, {5, 1}, {5, 2}};
        for (long[] device : allowed) {
            rules.add(new Resources.DeviceRule(true, "c", device[0], device[1], "rwm"));
        }
        rules.add(new Resources.DeviceRule(true, "c", 136L, null, "rwm"));
        return rules;
    }
}
