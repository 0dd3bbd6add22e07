package io.flotilla.agent.cgroup;

import io.flotilla.agent.oci.Resources;
import io.flotilla.agent.oci.SpecException;

/** Limits of swap where nobody counts it. */
final class SwapCount {

    private SwapCount() {}

    /**
     * More swap than none is refused where nobody would count it. That a container shall have none is not, since most hosts
     * without that counter have no swap either; the node's checks tell of the others.
     *
     * @throws SpecException naming the field
     */
    static void refuse(Resources.Memory memory, boolean counted) {
        long limit = memory.limit() == null ? -1 : memory.limit();
        if (!counted && memory.swap() != null && Conversions.swap(memory.swap(), limit) > 0) {
            throw new SpecException(
                    "linux.resources.memory.swap",
                    "cannot be limited: this kernel does not count swap; boot it with swapaccount=1");
        }
    }
}
