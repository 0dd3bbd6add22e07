package io.flotilla.agent.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the hierarchies are mounted. {@code v1} maps each mounted v1 hierarchy to its mount point, by the name in
 * {@code /proc/self/cgroup} ({@code cpu,cpuacct}, {@code name=systemd}); {@code unified} is cgroup2's mount point.
 */
public record CgroupLayout(Map<String, Path> v1, @Nullable Path unified) {

    /** The controllers of v1 that the engine sets or reads; the others are joined and left alone. */
    private static final Set<String> NEEDED = Set.of("cpu", "memory", "pids");

    private static final Set<String> NOT_CONTROLLERS = Set.of(
            "rw",
            "ro",
            "xattr",
            "noprefix",
            "clone_children",
            "cpuset_v2_mode",
            "nsdelegate",
            "memory_recursiveprot",
            "favordynmods");

    public CgroupLayout {
        v1 = Map.copyOf(v1);
    }

    /** Reads this process's mount table. */
    public static CgroupLayout detect() {
        Path mountinfo = Path.of("/proc/self/mountinfo");
        try {
            return parse(Files.readAllLines(mountinfo));
        } catch (IOException e) {
            throw new CgroupException("read", mountinfo, e);
        }
    }

    /** Lines as in proc_pid_mountinfo(5). The first mount of a hierarchy counts. */
    static CgroupLayout parse(List<String> mountinfo) {
        Map<String, Path> v1 = new LinkedHashMap<>();
        Path unified = null;
        for (String line : mountinfo) {
            int separator = line.indexOf(" - ");
            String[] left = line.substring(0, separator).split(" ", -1);
            String[] right = line.substring(separator + 3).split(" ", -1);
            Path mountPoint = Path.of(left[4]);
            if (right[0].equals("cgroup2") && unified == null) {
                unified = mountPoint;
            } else if (right[0].equals("cgroup")) {
                v1.putIfAbsent(hierarchy(right[right.length - 1]), mountPoint);
            }
        }
        return new CgroupLayout(v1, unified);
    }

    private static String hierarchy(String superOptions) {
        StringBuilder name = new StringBuilder();
        for (String option : superOptions.split(",", -1)) {
            if (!NOT_CONTROLLERS.contains(option) && !option.startsWith("release_agent=")) {
                name.append(name.isEmpty() ? "" : ",").append(option);
            }
        }
        return name.toString();
    }

    public CgroupMode mode() {
        boolean controllers = v1.keySet().stream().anyMatch(name -> !name.startsWith("name="));
        if (!controllers) {
            return CgroupMode.V2;
        }
        return unified == null ? CgroupMode.V1 : CgroupMode.HYBRID;
    }

    /** Mount point of the v1 hierarchy that carries the controller, null if it is not on v1. */
    @Nullable
    Path controller(String name) {
        for (Map.Entry<String, Path> entry : v1.entrySet()) {
            if (List.of(entry.getKey().split(",", -1)).contains(name)) {
                return entry.getValue();
            }
        }
        return null;
    }

    /** The group at a path below that mount point, null if the controller is not on v1. */
    @Nullable
    Path group(String controller, String below) {
        Path mount = controller(controller);
        return mount == null ? null : mount.resolve(below);
    }

    /** Whether a limit of swap can be kept. Only groups below the root of cgroup2 have the file. */
    public boolean countsSwap() {
        Path memory = controller("memory");
        if (memory != null) {
            return CgroupFile.at(memory, "memory.memsw.limit_in_bytes").exists();
        }
        return unified != null
                && GroupTree.children(unified).stream()
                        .anyMatch(
                                group -> CgroupFile.at(group, "memory.swap.max").exists());
    }

    /** Controllers without which limits cannot be kept, of those that this host lacks; empty on a usable host. */
    public Set<String> missing() {
        java.util.TreeSet<String> missing = new java.util.TreeSet<>(NEEDED);
        if (mode() == CgroupMode.V2) {
            if (unified != null) {
                missing.removeAll(Set.of(
                        CgroupFile.at(unified, "cgroup.controllers").read().split("\\s+", -1)));
            }
        } else {
            missing.removeIf(name -> controller(name) != null);
        }
        return missing;
    }
}
