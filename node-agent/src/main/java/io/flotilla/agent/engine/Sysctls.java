package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.Step;
import io.flotilla.agent.oci.LinuxSpec;
import io.flotilla.agent.oci.LinuxSpec.NamespaceType;
import io.flotilla.agent.oci.SpecException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Kernel parameters. Only those that a namespace keeps apart may be set: any other would be the whole host's. */
final class Sysctls {

    private static final Set<String> OF_IPC = Set.of(
            "kernel/msgmax",
            "kernel/msgmnb",
            "kernel/msgmni",
            "kernel/sem",
            "kernel/shmall",
            "kernel/shmmax",
            "kernel/shmmni",
            "kernel/shm_rmid_forced");

    private Sysctls() {}

    static void add(List<Step> steps, LinuxSpec linux, boolean procfs) {
        new TreeMap<>(linux.sysctl()).forEach((name, value) -> {
            String field = "linux.sysctl." + name;
            String path = path(name);
            NamespaceType keeper = keeper(path);
            if (keeper == null || path.contains("..")) {
                throw new SpecException(
                        field, "is not kept apart by any namespace: it would be set for the whole host");
            }
            if (!linux.lists(keeper)) {
                throw new SpecException(
                        field,
                        "would be set for the whole host: the container has no %s namespace"
                                .formatted(keeper.name().toLowerCase(Locale.ROOT)));
            }
            if (!procfs) {
                throw new SpecException(field, "cannot be set without a mount of type proc");
            }
            steps.add(new Step.Sysctl(path, value));
        });
    }

    /** As sysctl(8): what separates the names is whichever of . and / comes first; the other is part of a name. */
    private static String path(String name) {
        int dot = name.indexOf('.');
        int slash = name.indexOf('/');
        if (slash >= 0 && (dot < 0 || slash < dot)) {
            return name;
        }
        StringBuilder path = new StringBuilder(name);
        for (int i = 0; i < path.length(); i++) {
            char each = path.charAt(i);
            path.setCharAt(i, each == '.' ? '/' : each == '/' ? '.' : each);
        }
        return path.toString();
    }

    private static @Nullable NamespaceType keeper(String path) {
        if (path.startsWith("net/")) {
            return NamespaceType.NETWORK;
        }
        if (OF_IPC.contains(path) || path.startsWith("fs/mqueue/")) {
            return NamespaceType.IPC;
        }
        if (path.startsWith("user/")) {
            return NamespaceType.USER;
        }
        // kernel/hostname is the spec's hostname, and must not be asked for twice.
        return path.equals("kernel/domainname") ? NamespaceType.UTS : null;
    }
}
