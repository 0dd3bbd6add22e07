package io.flotilla.agent.applied;

import io.flotilla.agent.oci.LinuxSpec.NamespaceType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What proc(5) tells of a process, as the kernel writes it.
 *
 * @param namespaces the kernel's names of its namespaces, such as {@code net:[4026531840]}, and of the reader's own
 * @param uidMap lines of {@code /proc/PID/uid_map}; likewise {@code gidMap}
 * @param status by key, without the colon
 * @param limits by the kernel's name, such as {@code Max open files}
 * @param cgroups by hierarchy, as in cgroups(7): {@code pids} or, for cgroup2, the empty string
 * @param mounts in the order of the mount table
 * @param label of the security module, null where there is none
 */
record ProcessReading(
        Map<NamespaceType, Pair> namespaces,
        List<String> uidMap,
        List<String> gidMap,
        Map<String, String> status,
        Map<String, Limit> limits,
        int oomScore,
        Map<String, String> cgroups,
        List<Mount> mounts,
        @Nullable String label) {

    /** A namespace of the process and the reader's own of the same type. */
    record Pair(String its, String ours) {}

    /** {@code unlimited} or a number, each. */
    record Limit(String soft, String hard) {}

    /** Where in the container, and with which options. */
    record Mount(String point, List<String> options) {
        boolean readOnly() {
            return options.contains("ro");
        }
    }

    private static final Map<NamespaceType, String> FILES = Map.of(
            NamespaceType.PID, "pid",
            NamespaceType.NETWORK, "net",
            NamespaceType.MOUNT, "mnt",
            NamespaceType.IPC, "ipc",
            NamespaceType.UTS, "uts",
            NamespaceType.USER, "user",
            NamespaceType.CGROUP, "cgroup",
            NamespaceType.TIME, "time");

    static ProcessReading of(int pid) throws IOException {
        Path proc = Path.of("/proc", String.valueOf(pid));
        Map<String, String> cgroups = new HashMap<>();
        for (String line : Files.readAllLines(proc.resolve("cgroup"))) {
            String[] parts = line.split(":", 3);
            cgroups.put(parts[1], parts[2]);
        }
        return new ProcessReading(
                namespaces(proc),
                Files.readAllLines(proc.resolve("uid_map")),
                Files.readAllLines(proc.resolve("gid_map")),
                status(Files.readAllLines(proc.resolve("status"))),
                limits(Files.readAllLines(proc.resolve("limits"))),
                Integer.parseInt(Files.readString(proc.resolve("oom_score_adj")).strip()),
                cgroups,
                mounts(Files.readAllLines(proc.resolve("mountinfo"))),
                label(proc));
    }

    private static Map<NamespaceType, Pair> namespaces(Path proc) throws IOException {
        Map<NamespaceType, Pair> namespaces = new EnumMap<>(NamespaceType.class);
        for (Map.Entry<NamespaceType, String> each : FILES.entrySet()) {
            Path ours = Path.of("/proc/self/ns", each.getValue());
            if (Files.exists(ours, LinkOption.NOFOLLOW_LINKS)) {
                String its = Files.readSymbolicLink(proc.resolve("ns").resolve(each.getValue()))
                        .toString();
                namespaces.put(
                        each.getKey(),
                        new Pair(its, Files.readSymbolicLink(ours).toString()));
            }
        }
        return namespaces;
    }

    static Map<String, String> status(List<String> lines) {
        Map<String, String> status = new HashMap<>();
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                status.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
        return status;
    }

    /** Columns of fixed width: name, soft limit, hard limit, unit. */
    static Map<String, Limit> limits(List<String> lines) {
        Map<String, Limit> limits = new HashMap<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] values = line.substring(26).strip().split("\\s+", -1);
            limits.put(line.substring(0, 26).strip(), new Limit(values[0], values[1]));
        }
        return limits;
    }

    /** A mount is read-only by its own options or by its file system's. */
    static List<Mount> mounts(List<String> lines) {
        List<Mount> mounts = new ArrayList<>();
        for (String line : lines) {
            String[] fields = line.split(" ", -1);
            List<String> options = new ArrayList<>(List.of(fields[5].split(",", -1)));
            if (List.of(fields[fields.length - 1].split(",", -1)).contains("ro")) {
                options.add("ro");
            }
            mounts.add(new Mount(fields[4], options));
        }
        return mounts;
    }

    private static @Nullable String label(Path proc) {
        try {
            String label = Files.readString(proc.resolve("attr/current"))
                    .replace("\0", "")
                    .strip();
            return label.isEmpty() ? null : label;
        } catch (IOException e) {
            return null; // a kernel without a security module has the file and refuses to be asked
        }
    }

    /** The mount that a path of the container lies in: of the longest prefix, the last one. */
    Optional<Mount> mountOf(String path) {
        Mount found = null;
        for (Mount mount : mounts) {
            String point = mount.point();
            boolean above = point.equals("/") || path.equals(point) || path.startsWith(point + "/");
            if (above && (found == null || point.length() >= found.point().length())) {
                found = mount;
            }
        }
        return Optional.ofNullable(found);
    }
}
