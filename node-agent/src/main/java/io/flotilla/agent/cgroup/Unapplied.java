package io.flotilla.agent.cgroup;

import io.flotilla.agent.oci.Resources;
import io.flotilla.agent.oci.SpecException;

/** Limits that the runtime specification knows and no group of ours sets: an error, never silence. */
final class Unapplied {

    private Unapplied() {}

    /** @throws SpecException naming the field */
    static void refuse(Resources resources) {
        Resources.BlockIo io = resources.blockIO();
        refuse(io != null && !io.isEmpty(), "linux.resources.blockIO");
        refuse(!resources.hugepageLimits().isEmpty(), "linux.resources.hugepageLimits");
        Resources.Memory memory = resources.memory();
        refuse(
                memory != null && Boolean.TRUE.equals(memory.disableOOMKiller()),
                "linux.resources.memory.disableOOMKiller");
    }

    static void refuse(boolean given, String field) {
        if (given) {
            throw new SpecException(field, "is not supported");
        }
    }
}
