package io.flotilla.agent.applied;

import io.flotilla.agent.cgroup.LimitReading;
import io.flotilla.agent.oci.Capability;
import io.flotilla.agent.oci.LinuxSpec;
import io.flotilla.agent.oci.LinuxSpec.IdMapping;
import io.flotilla.agent.oci.LinuxSpec.NamespaceType;
import io.flotilla.agent.oci.ProcessSpec;
import io.flotilla.agent.oci.RuntimeSpec;
import io.flotilla.protocol.AppliedState.Setting;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Puts what was asked beside what is in force. Pure. */
final class Comparison {

    private static final String OWN = "its own";
    private static final String SHARED = "the node's";
    private static final String NONE = "none";

    /** The kernel's names in proc_pid_limits(5) of getrlimit(2)'s. */
    private static final Map<String, String> LIMITS = Map.ofEntries(
            Map.entry("RLIMIT_AS", "Max address space"),
            Map.entry("RLIMIT_CORE", "Max core file size"),
            Map.entry("RLIMIT_CPU", "Max cpu time"),
            Map.entry("RLIMIT_DATA", "Max data size"),
            Map.entry("RLIMIT_FSIZE", "Max file size"),
            Map.entry("RLIMIT_LOCKS", "Max file locks"),
            Map.entry("RLIMIT_MEMLOCK", "Max locked memory"),
            Map.entry("RLIMIT_MSGQUEUE", "Max msgqueue size"),
            Map.entry("RLIMIT_NICE", "Max nice priority"),
            Map.entry("RLIMIT_NOFILE", "Max open files"),
            Map.entry("RLIMIT_NPROC", "Max processes"),
            Map.entry("RLIMIT_RSS", "Max resident set"),
            Map.entry("RLIMIT_RTPRIO", "Max realtime priority"),
            Map.entry("RLIMIT_RTTIME", "Max realtime timeout"),
            Map.entry("RLIMIT_SIGPENDING", "Max pending signals"),
            Map.entry("RLIMIT_STACK", "Max stack size"));

    private final RuntimeSpec spec;
    private final LinuxSpec linux;
    private final ProcessSpec process;
    private final ProcessReading reading;
    private final Predicate<String> present;
    private final List<Setting> settings = new ArrayList<>();

    private Comparison(RuntimeSpec spec, ProcessReading reading, Predicate<String> present) {
        this.spec = spec;
        this.linux = spec.requireLinux();
        this.process = spec.requireProcess();
        this.reading = reading;
        this.present = present;
    }

    /**
     * @param filter digest of the asked filter's profile, null for none
     * @param group last part of the names of the container's control groups
     * @param hierarchies on which it has one, as {@link ProcessReading} names them
     * @param limits what its control groups hold
     * @param present whether a path exists in the container
     */
    static List<Setting> of(
            RuntimeSpec spec,
            @Nullable String filter,
            ProcessReading reading,
            String group,
            Set<String> hierarchies,
            List<LimitReading> limits,
            Predicate<String> present) {
        Comparison comparison = new Comparison(spec, reading, present);
        comparison.namespaces();
        comparison.rights(filter);
        comparison.files();
        comparison.groups(group, hierarchies);
        comparison.limits(limits);
        return comparison.settings;
    }

    private void add(String field, @Nullable String asked, @Nullable String inForce, boolean differs) {
        settings.add(new Setting(field, asked, inForce, differs));
    }

    private void namespaces() {
        reading.namespaces().forEach((type, pair) -> {
            LinuxSpec.Namespace wanted = linux.namespaces().stream()
                    .filter(each -> each.type() == type)
                    .findFirst()
                    .orElse(null);
            boolean ours = pair.its().equals(pair.ours());
            String path = wanted == null ? null : wanted.path();
            String asked = wanted == null ? SHARED : path == null ? OWN : path;
            boolean differs = path == null && ours != (wanted == null);
            add("linux.namespaces." + type.name().toLowerCase(Locale.ROOT), asked, ours ? SHARED : OWN, differs);
        });
        if (linux.owns(NamespaceType.USER)) {
            ids("linux.uidMappings", linux.uidMappings(), reading.uidMap());
            ids("linux.gidMappings", linux.gidMappings(), reading.gidMap());
        }
    }

    private void ids(String field, List<IdMapping> asked, List<String> inForce) {
        String wanted = asked.stream()
                .map(each -> ids(each.containerId(), each.hostId(), each.size()))
                .collect(Collectors.joining(", "));
        String found = inForce.stream()
                .map(line -> line.strip().split("\\s+", -1))
                .map(each -> ids(Long.parseLong(each[0]), Long.parseLong(each[1]), Long.parseLong(each[2])))
                .collect(Collectors.joining(", "));
        add(field, wanted, found, !wanted.equals(found));
    }

    private static String ids(long inside, long outside, long size) {
        return inside + " is " + outside + ", " + size + " ids";
    }

    private void rights(@Nullable String filter) {
        ProcessSpec.Capabilities asked = process.capabilities();
        if (asked != null) {
            capabilities("bounding", asked.bounding(), "CapBnd");
            capabilities("permitted", asked.permitted(), "CapPrm");
            capabilities("effective", asked.effective(), "CapEff");
            capabilities("inheritable", asked.inheritable(), "CapInh");
            capabilities("ambient", asked.ambient(), "CapAmb");
        }
        boolean locked = "1".equals(reading.status().get("NoNewPrivs"));
        add(
                "process.noNewPrivileges",
                yes(process.noNewPrivileges()),
                yes(locked),
                process.noNewPrivileges() && !locked);
        boolean filtered = "2".equals(reading.status().get("Seccomp"));
        String filters = reading.status().get("Seccomp_filters");
        add(
                "linux.seccomp",
                filter == null ? NONE : "profile " + filter,
                filtered ? "filtered" + (filters == null ? "" : ", filters: " + filters) : NONE,
                filter != null && !filtered);
        String label = process.apparmorProfile() != null ? process.apparmorProfile() : process.selinuxLabel();
        if (label != null || reading.label() != null) {
            String found = reading.label();
            boolean other = label != null
                    && (found == null || !found.replaceFirst(" \\(.*\\)$", "").equals(label));
            add("process.securityLabel", label, found, other);
        }
        int score = process.oomScoreAdj() == null ? 0 : process.oomScoreAdj();
        add(
                "process.oomScoreAdj",
                String.valueOf(score),
                String.valueOf(reading.oomScore()),
                reading.oomScore() < score);
        for (ProcessSpec.Rlimit limit : process.rlimits()) {
            rlimit(limit);
        }
    }

    /** A program may give capabilities up, and one that is not root begins with none. */
    private void capabilities(String set, List<String> asked, String key) {
        Set<String> wanted = asked.stream().map(Comparison::bare).collect(Collectors.toCollection(TreeSet::new));
        long bits = Long.parseUnsignedLong(reading.status().getOrDefault(key, "0"), 16);
        Set<String> found =
                Capability.ofBits(bits).stream().map(Comparison::bare).collect(Collectors.toCollection(TreeSet::new));
        Set<String> more = new HashSet<>(found);
        more.removeAll(wanted);
        add("process.capabilities." + set, words(wanted), words(found), !more.isEmpty());
    }

    private static String bare(String capability) {
        return capability.startsWith("CAP_") ? capability.substring(4) : capability;
    }

    private static String words(Set<String> names) {
        return names.isEmpty() ? NONE : String.join(", ", names);
    }

    private static String yes(boolean value) {
        return value ? "yes" : "no";
    }

    /** A program may lower its limits, and raise the soft one up to the hard one. */
    private void rlimit(ProcessSpec.Rlimit limit) {
        ProcessReading.Limit found = reading.limits().get(LIMITS.get(limit.type()));
        String asked = number(limit.soft()) + " to " + number(limit.hard());
        if (found == null) {
            add("process.rlimits." + limit.type(), asked, null, false);
            return;
        }
        boolean more = !found.hard().equals("unlimited")
                ? limit.hard() != -1 && Long.compareUnsigned(Long.parseUnsignedLong(found.hard()), limit.hard()) > 0
                : limit.hard() != -1;
        add("process.rlimits." + limit.type(), asked, found.soft() + " to " + found.hard(), more);
    }

    private static String number(long unsigned) {
        return unsigned == -1 ? "unlimited" : Long.toUnsignedString(unsigned);
    }

    private void files() {
        RuntimeSpec.Root root = spec.root();
        boolean readOnly = root != null && root.readonly();
        boolean found =
                reading.mountOf("/").filter(ProcessReading.Mount::readOnly).isPresent();
        add("root.readonly", yes(readOnly), yes(found), readOnly && !found);
        paths(
                "linux.maskedPaths",
                linux.maskedPaths(),
                path -> reading.mountOf(path)
                        .filter(mount -> mount.point().equals(path))
                        .isPresent());
        paths(
                "linux.readonlyPaths",
                linux.readonlyPaths(),
                path -> reading.mountOf(path)
                        .filter(ProcessReading.Mount::readOnly)
                        .isPresent());
    }

    /** What a kernel does not have needs no mask. */
    private void paths(String field, List<String> asked, Predicate<String> kept) {
        if (asked.isEmpty()) {
            return;
        }
        List<String> there = asked.stream().filter(present).toList();
        List<String> open = there.stream().filter(kept.negate()).toList();
        String inForce = open.isEmpty()
                ? there.size() + " of " + there.size() + " that this kernel has"
                : "not " + String.join(", ", open);
        add(field, asked.size() + " paths", inForce, !open.isEmpty());
    }

    private void groups(String group, Set<String> hierarchies) {
        List<String> outside = hierarchies.stream()
                .filter(each -> !(reading.cgroups().getOrDefault(each, "") + "/").contains("/" + group + "/"))
                .map(each -> each.isEmpty() ? "cgroup2" : each)
                .sorted()
                .toList();
        String inForce = outside.isEmpty()
                ? "in all " + hierarchies.size() + " hierarchies"
                : "not in " + String.join(", ", outside);
        add("linux.cgroupsPath", group, inForce, !outside.isEmpty());
    }

    private void limits(List<LimitReading> limits) {
        for (LimitReading limit : limits) {
            add(limit.field(), limit.asked(), limit.inForce(), !limit.asked().equals(limit.inForce()));
        }
    }
}
