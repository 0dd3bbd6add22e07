package io.flotilla.agent.seccomp;

import io.flotilla.agent.oci.SpecException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The actions and comparisons of the runtime specification, as numbers of seccomp.h. */
final class Actions {

    static final String NOTIFY = "SCMP_ACT_NOTIFY";

    static final List<String> NAMES = List.of(
            "SCMP_ACT_ALLOW",
            "SCMP_ACT_ERRNO",
            "SCMP_ACT_KILL",
            "SCMP_ACT_KILL_PROCESS",
            "SCMP_ACT_KILL_THREAD",
            "SCMP_ACT_LOG",
            NOTIFY,
            "SCMP_ACT_TRACE",
            "SCMP_ACT_TRAP");

    static final List<String> COMPARISONS = List.of(
            "SCMP_CMP_NE",
            "SCMP_CMP_LT",
            "SCMP_CMP_LE",
            "SCMP_CMP_EQ",
            "SCMP_CMP_GE",
            "SCMP_CMP_GT",
            "SCMP_CMP_MASKED_EQ");

    private static final int DATA = 0xffff;

    private Actions() {}

    /** {@code errno} null stands for EPERM, as in the OCI runtimes. */
    static int action(String field, String name, @Nullable Integer errno) {
        int data = (errno == null ? Errnos.EPERM : errno) & DATA;
        return switch (name) {
            case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" -> 0;
            case "SCMP_ACT_KILL_PROCESS" -> 0x80000000;
            case "SCMP_ACT_TRAP" -> 0x00030000;
            case "SCMP_ACT_ERRNO" -> 0x00050000 | data;
            case "SCMP_ACT_TRACE" -> 0x7ff00000 | data;
            case "SCMP_ACT_NOTIFY" -> 0x7fc00000;
            case "SCMP_ACT_LOG" -> 0x7ffc0000;
            case "SCMP_ACT_ALLOW" -> 0x7fff0000;
            default -> throw new SpecException(field, "\"" + name + "\" is no action");
        };
    }

    static int comparison(String field, String name) {
        int place = COMPARISONS.indexOf(name);
        if (place < 0) {
            throw new SpecException(field, "\"" + name + "\" is no comparison");
        }
        return place + 1;
    }
}
