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
        refuse(resources.network() != null, "linux.resources.network");
        refuse(!resources.rdma().isEmpty(), "linux.resources.rdma");
        Resources.Cpu cpu = resources.cpu();
        if (cpu != null) {
            refuse(cpu.realtimeRuntime() != null, "linux.resources.cpu.realtimeRuntime");
            refuse(cpu.realtimePeriod() != null, "linux.resources.cpu.realtimePeriod");
        }
        Resources.Memory memory = resources.memory();
        if (memory != null) {
            refuse(memory.kernel() != null, "linux.resources.memory.kernel");
            refuse(memory.kernelTCP() != null, "linux.resources.memory.kernelTCP");
            refuse(Boolean.TRUE.equals(memory.disableOOMKiller()), "linux.resources.memory.disableOOMKiller");
            refuse(Boolean.FALSE.equals(memory.useHierarchy()), "linux.resources.memory.useHierarchy");
            refuse(Boolean.TRUE.equals(memory.checkBeforeUpdate()), "linux.resources.memory.checkBeforeUpdate");
        }
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
