package io.flotilla.agent.engine;

import io.flotilla.agent.oci.LinuxSpec;
import io.flotilla.agent.oci.LinuxSpec.IdMapping;
import io.flotilla.agent.oci.LinuxSpec.NamespaceType;
import io.flotilla.agent.oci.ProcessSpec;
import io.flotilla.agent.oci.RuntimeSpec;
import io.flotilla.agent.oci.RuntimeSpec.Hook;
import io.flotilla.agent.oci.SpecException;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What no container can be made of, told before anything is made: parts of a spec that exclude each other, and what this
 * kernel does not have. Limits are refused where they are applied, in {@code cgroup}.
 */
final class Contradictions {

    private static final Set<String> CLOCKS = Set.of("monotonic", "boottime");
    private static final Pattern INTERFACE = Pattern.compile("(?!\\.{1,2}$)[^/:\\s]{1,15}");
    private static final long LAST_NANOSECOND = 999_999_999;

    private final RuntimeSpec spec;
    private final LinuxSpec linux;
    private final Facilities facilities;

    private Contradictions(RuntimeSpec spec, Facilities facilities) {
        this.spec = spec;
        this.linux = spec.requireLinux();
        this.facilities = facilities;
    }

    /** @throws SpecException naming field, value and reason */
    static void refuse(RuntimeSpec spec, Facilities facilities) {
        if (!String.valueOf(spec.ociVersion()).matches("1\\..+")) {
            throw new SpecException("ociVersion", "\"" + spec.ociVersion() + "\" is not 1.x");
        }
        ProcessRules.refuse(spec.requireProcess(), facilities);
        Contradictions rules = new Contradictions(spec, facilities);
        rules.namespaces();
        rules.users();
        rules.clocks();
        rules.names();
        rules.facilities();
        rules.paths("linux.maskedPaths", rules.linux.maskedPaths());
        rules.paths("linux.readonlyPaths", rules.linux.readonlyPaths());
        if (spec.hooks() != null) {
            hooks(spec.hooks());
        }
    }

    private void namespaces() {
        Set<NamespaceType> seen = EnumSet.noneOf(NamespaceType.class);
        for (int i = 0; i < linux.namespaces().size(); i++) {
            LinuxSpec.Namespace namespace = linux.namespaces().get(i);
            String field = "linux.namespaces[" + i + "]";
            if (namespace.type() == null) {
                throw new SpecException(field + ".type", "is missing");
            }
            if (!seen.add(namespace.type())) {
                throw new SpecException(field + ".type", word(namespace.type()) + " is there twice");
            }
            if (namespace.path() != null && !namespace.path().startsWith("/")) {
                throw new SpecException(field + ".path", "\"" + namespace.path() + "\" is not absolute");
            }
        }
        if (!linux.owns(NamespaceType.MOUNT)) {
            throw new SpecException(
                    "linux.namespaces",
                    "has no new mount namespace: the container's mounts would be another's, the host's say");
        }
        if (linux.lists(NamespaceType.TIME) && !facilities.timeNamespaces()) {
            throw new SpecException("linux.namespaces", "time cannot be had: this kernel has no time namespaces (5.6)");
        }
    }

    private static String word(NamespaceType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    private void users() {
        if (!linux.owns(NamespaceType.USER)) {
            String why = linux.lists(NamespaceType.USER)
                    ? "the user namespace that is joined has a map already"
                    : "need a user namespace, and linux.namespaces has none";
            refuseIf(!linux.uidMappings().isEmpty(), "linux.uidMappings", why);
            refuseIf(!linux.gidMappings().isEmpty(), "linux.gidMappings", why);
            return;
        }
        maps("linux.uidMappings", linux.uidMappings());
        maps("linux.gidMappings", linux.gidMappings());
        ProcessSpec.User user = spec.requireProcess().user();
        mapped("process.user.uid", user.uid(), "linux.uidMappings", linux.uidMappings());
        mapped("process.user.gid", user.gid(), "linux.gidMappings", linux.gidMappings());
        for (int i = 0; i < user.additionalGids().size(); i++) {
            String field = "process.user.additionalGids[" + i + "]";
            mapped(field, user.additionalGids().get(i), "linux.gidMappings", linux.gidMappings());
        }
    }

    private static void maps(String field, List<IdMapping> mappings) {
        Plans.ranges(field, mappings);
        if (!covers(mappings, 0)) {
            throw new SpecException(field, "do not map id 0, which has to make the container");
        }
        for (int i = 0; i < mappings.size(); i++) {
            for (int j = 0; j < i; j++) {
                IdMapping one = mappings.get(i);
                IdMapping other = mappings.get(j);
                if (overlap(one.containerId(), one.size(), other.containerId(), other.size())
                        || overlap(one.hostId(), one.size(), other.hostId(), other.size())) {
                    throw new SpecException(field + "[" + i + "]", "overlaps with [" + j + "]");
                }
            }
        }
    }

    private static boolean overlap(long one, long ones, long other, long others) {
        return one < other + others && other < one + ones;
    }

    private static boolean covers(List<IdMapping> mappings, long id) {
        return mappings.stream().anyMatch(m -> id >= m.containerId() && id < m.containerId() + m.size());
    }

    private static void mapped(String field, long id, String map, List<IdMapping> mappings) {
        if (!covers(mappings, id)) {
            throw new SpecException(field, "%d is not among the ids of %s".formatted(id, map));
        }
    }

    private void clocks() {
        if (linux.timeOffsets().isEmpty()) {
            return;
        }
        if (!linux.owns(NamespaceType.TIME)) {
            throw new SpecException(
                    "linux.timeOffsets",
                    "%s cannot be set: %s"
                            .formatted(
                                    String.join(", ", linux.timeOffsets().keySet()),
                                    linux.lists(NamespaceType.TIME)
                                            ? "the clocks of the time namespace that is joined are set already"
                                            : "linux.namespaces has no new time namespace"));
        }
        for (Map.Entry<String, LinuxSpec.TimeOffset> offset :
                linux.timeOffsets().entrySet()) {
            String field = "linux.timeOffsets." + offset.getKey();
            if (!CLOCKS.contains(offset.getKey())) {
                throw new SpecException(field, "is no clock of a time namespace; those are monotonic and boottime");
            }
            long nanos = offset.getValue().nanosecs();
            if (nanos < 0 || nanos > LAST_NANOSECOND) {
                throw new SpecException(field + ".nanosecs", nanos + " is not from 0 to " + LAST_NANOSECOND);
            }
        }
    }

    /** A name that is set in the host's namespace would be the host's. */
    private void names() {
        boolean own = linux.lists(NamespaceType.UTS);
        String why = "cannot be set: without a uts namespace it would be the host's";
        refuseIf(spec.hostname() != null && !own, "hostname", "\"" + spec.hostname() + "\" " + why);
        refuseIf(spec.domainname() != null && !own, "domainname", "\"" + spec.domainname() + "\" " + why);
    }

    private void facilities() {
        if (linux.mountLabel() != null) {
            ProcessRules.requireSelinux("linux.mountLabel", linux.mountLabel(), facilities);
        }
        refuseIf(
                linux.memoryPolicy() != null && !facilities.memoryPolicies(),
                "linux.memoryPolicy",
                "cannot be set: this kernel is built without NUMA");
        refuseIf(
                linux.intelRdt() != null,
                "linux.intelRdt",
                facilities.resctrl().isEmpty()
                        ? "cannot be had: no resctrl file system is mounted, the processor or the kernel may have none"
                        : "is not supported");
        devices();
    }

    private void devices() {
        Set<String> names = new HashSet<>();
        linux.netDevices().forEach((device, given) -> {
            String field = "linux.netDevices." + device;
            String name = given.name() == null ? device : given.name();
            refuseIf(
                    !linux.lists(NamespaceType.NETWORK),
                    field,
                    "cannot be moved: the container has no network namespace but the host's");
            refuseIf(
                    !INTERFACE.matcher(name).matches(), field + ".name", "\"" + name + "\" is no name of an interface");
            refuseIf(!names.add(name), field + ".name", "\"" + name + "\" is there twice");
        });
    }

    private void paths(String field, List<String> paths) {
        for (int i = 0; i < paths.size(); i++) {
            String path = paths.get(i);
            refuseIf(!path.startsWith("/"), field + "[" + i + "]", "\"" + path + "\" is not absolute");
        }
    }

    private static void hooks(RuntimeSpec.Hooks hooks) {
        hooks("hooks.prestart", hooks.prestart());
        hooks("hooks.createRuntime", hooks.createRuntime());
        hooks("hooks.createContainer", hooks.createContainer());
        hooks("hooks.startContainer", hooks.startContainer());
        hooks("hooks.poststart", hooks.poststart());
        hooks("hooks.poststop", hooks.poststop());
    }

    private static void hooks(String field, List<Hook> hooks) {
        for (int i = 0; i < hooks.size(); i++) {
            Hook hook = hooks.get(i);
            String here = field + "[" + i + "]";
            refuseIf(
                    hook.path() == null || !hook.path().startsWith("/"),
                    here + ".path",
                    "\"" + hook.path() + "\" is not absolute");
            Integer timeout = hook.timeout();
            refuseIf(timeout != null && timeout <= 0, here + ".timeout", timeout + " is not greater than zero");
        }
    }

    private static void refuseIf(boolean wrong, String field, @Nullable String why) {
        if (wrong) {
            throw new SpecException(field, String.valueOf(why));
        }
    }
}
