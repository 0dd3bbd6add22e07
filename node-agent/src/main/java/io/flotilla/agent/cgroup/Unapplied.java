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

    /**
     * More swap than none is refused where nobody would count it. That a container shall have none is not, since most hosts
     * without that counter have no swap either; the node's checks tell of the others.
     *
     * @throws SpecException naming the field
     */
    static void refuseSwap(Resources.Memory memory, boolean counted) {
        long limit = memory.limit() == null ? -1 : memory.limit();
        if (!counted && memory.swap() != null && Conversions.swap(memory.swap(), limit) > 0) {
            throw new SpecException(
                    "linux.resources.memory.swap",
                    "cannot be limited: this kernel does not count swap; boot it with swapaccount=1");
        }
    }

    static void refuse(boolean given, String field) {
        if (given) {
            throw new SpecException(field, "is not supported");
        }
    }
}
