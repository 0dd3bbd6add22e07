package io.flotilla.agent.seccomp;

import io.flotilla.agent.oci.SeccompSpec;
import io.flotilla.agent.oci.SpecException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** With which flags of seccomp(2) a profile is loaded. */
public final class FilterFlags {

    private static final int NEW_LISTENER = 8;
    private static final int WAIT_KILLABLE = 32;

    /** A filter is loaded while the process has a single thread, so that the one about all threads changes nothing. */
    private static final Map<String, Integer> FLAGS = new TreeMap<>(Map.of(
            "SECCOMP_FILTER_FLAG_TSYNC", 0,
            "SECCOMP_FILTER_FLAG_LOG", 2,
            "SECCOMP_FILTER_FLAG_SPEC_ALLOW", 4,
            "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", WAIT_KILLABLE));

    /** The process needs these before anybody can answer. */
    private static final Set<String> NEEDED = Set.of("sendmsg", "recvmsg");

    private FilterFlags() {}

    /** The flags that profiles may name. */
    public static List<String> names() {
        return List.copyOf(FLAGS.keySet());
    }

    public static List<String> actions() {
        return Actions.NAMES;
    }

    public static List<String> comparisons() {
        return Actions.COMPARISONS;
    }

    public static List<String> architectures() {
        return Architecture.NAMES;
    }

    /** @throws SpecException naming field and value if they are unknown or do not go together */
    public static int of(SeccompSpec profile) {
        boolean notifies = notifies(profile);
        int bits = notifies ? NEW_LISTENER : 0;
        for (int i = 0; i < profile.flags().size(); i++) {
            String name = profile.flags().get(i);
            String field = "linux.seccomp.flags[" + i + "]";
            Integer bit = FLAGS.get(name);
            if (bit == null) {
                throw new SpecException(field, "\"" + name + "\" is no flag");
            }
            if (bit == WAIT_KILLABLE && !notifies) {
                throw new SpecException(field, name + " is about questions, and no rule has SCMP_ACT_NOTIFY");
            }
            bits |= bit;
        }
        return bits;
    }

    /** Whether somebody else is asked about a call. */
    public static boolean notifies(SeccompSpec profile) {
        if (Actions.NOTIFY.equals(profile.defaultAction())) {
            throw new SpecException(
                    "linux.seccomp.defaultAction",
                    "SCMP_ACT_NOTIFY would ask about every call, also those that send the question");
        }
        boolean notifies = false;
        for (int i = 0; i < profile.syscalls().size(); i++) {
            SeccompSpec.Rule rule = profile.syscalls().get(i);
            if (!Actions.NOTIFY.equals(rule.action())) {
                continue;
            }
            notifies = true;
            for (String call : rule.names()) {
                if (NEEDED.contains(call)) {
                    throw new SpecException(
                            "linux.seccomp.syscalls[" + i + "].action",
                            "SCMP_ACT_NOTIFY cannot be had for " + call + ", which starts the container");
                }
            }
        }
        if (notifies && profile.listenerPath() == null) {
            throw new SpecException("linux.seccomp.listenerPath", "is missing, and a rule has SCMP_ACT_NOTIFY");
        }
        return notifies;
    }
}
