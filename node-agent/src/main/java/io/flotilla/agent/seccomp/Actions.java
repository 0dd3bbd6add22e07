package io.flotilla.agent.seccomp;

import io.flotilla.agent.oci.SpecException;
import org.jspecify.annotations.Nullable;

/** The actions and comparisons of the runtime specification, as numbers of seccomp.h. */
final class Actions {

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
            case "SCMP_ACT_LOG" -> 0x7ffc0000;
            case "SCMP_ACT_ALLOW" -> 0x7fff0000;
            default -> throw new SpecException(field, "unknown action " + name);
        };
    }

    static int comparison(String field, String name) {
        return switch (name) {
            case "SCMP_CMP_NE" -> 1;
            case "SCMP_CMP_LT" -> 2;
            case "SCMP_CMP_LE" -> 3;
            case "SCMP_CMP_EQ" -> 4;
            case "SCMP_CMP_GE" -> 5;
            case "SCMP_CMP_GT" -> 6;
            case "SCMP_CMP_MASKED_EQ" -> 7;
            default -> throw new SpecException(field, "unknown comparison " + name);
        };
    }
}
