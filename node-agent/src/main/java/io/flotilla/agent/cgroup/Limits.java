package io.flotilla.agent.cgroup;

import io.flotilla.agent.oci.Resources;
import io.flotilla.agent.oci.SpecException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** What setting {@code linux.resources} has in common on both versions. Every failure names the field of the spec and its value. */
final class Limits {

    static final String PREFIX = "linux.resources.";

    private Limits() {}

    /** @param field below {@link #PREFIX} */
    static void set(String field, Path group, String file, Object value) {
        try {
            CgroupFile.at(group, file).write(value.toString());
        } catch (CgroupException e) {
            throw new SpecException(PREFIX + field, "\"" + value + "\" cannot be set: " + e.getMessage(), e);
        }
    }

    /** As {@link #set}, for what only some kernels have a file for. */
    static void setIfKnown(String field, Path group, String file, Object value, String otherwise) {
        if (!CgroupFile.at(group, file).exists()) {
            throw new SpecException(PREFIX + field, "\"" + value + "\" cannot be set: " + otherwise);
        }
        set(field, group, file, value);
    }

    static void refuse(boolean given, String field, String reason) {
        if (given) {
            throw new SpecException(PREFIX + field, reason);
        }
    }

    /** Kernels from 5.16 on take such a limit and do nothing with it. */
    static void refuseKernelMemory(Resources.Memory memory) {
        Long limit = memory.kernel();
        refuse(
                limit != null && limit > 0,
                "memory.kernel",
                limit + " cannot be kept: kernels have no such limit any more");
    }

    static void refuseFlatHierarchy(Resources.Memory memory) {
        refuse(
                Boolean.FALSE.equals(memory.useHierarchy()),
                "memory.useHierarchy",
                "false cannot be had: what is below a group always counts");
    }

    /** {@code checkBeforeUpdate}: a limit below what is used would have processes killed at once. */
    static void checkUsage(Resources.Memory memory, Path group, String usage) {
        Long limit = memory.limit();
        if (!Boolean.TRUE.equals(memory.checkBeforeUpdate()) || limit == null || limit < 0) {
            return;
        }
        long used = CgroupFile.at(group, usage).readNumber();
        refuse(used > limit, "memory.limit", limit + " is below the " + used + " bytes that are in use");
    }

    /** One limit for each device, as {@code 8:0 1048576}. */
    static void throttles(
            String field, List<Resources.ThrottleDevice> devices, Path group, String file, LongFunction<String> line) {
        for (int i = 0; i < devices.size(); i++) {
            Resources.ThrottleDevice device = devices.get(i);
            String value = device.major() + ":" + device.minor() + " " + line.apply(device.rate());
            set("blockIO." + field + "[" + i + "]", group, file, value);
        }
    }

    /**
     * The file that takes weights: bfq's, which is there when a device uses that scheduler or the kernel is old, else the
     * controller's own.
     */
    static String weightFile(Path group, String bfq, String plain, Object weight) {
        if (CgroupFile.at(group, bfq).exists()) {
            return bfq;
        }
        refuse(
                !CgroupFile.at(group, plain).exists(),
                "blockIO.weight",
                "\"" + weight + "\" cannot be set: no I/O scheduler of this kernel knows weights");
        return plain;
    }

    /** A limit of pages that are used, and where the kernel has it (5.7) of those that are only reserved. */
    static void hugepages(List<Resources.HugepageLimit> limits, Path group, String suffix) {
        for (int i = 0; i < limits.size(); i++) {
            String field = "hugepageLimits[" + i + "]";
            String file = "hugetlb." + limits.get(i).pageSize() + "." + suffix;
            String value = Long.toUnsignedString(limits.get(i).limit());
            if (!limits.get(i).pageSize().matches("[0-9]+[KMG]B")
                    || !CgroupFile.at(group, file).exists()) {
                throw new SpecException(
                        PREFIX + field + ".pageSize",
                        "\"" + limits.get(i).pageSize() + "\" is no size of this host's huge pages");
            }
            set(field + ".limit", group, file, value);
            String reserved = "hugetlb." + limits.get(i).pageSize() + ".rsvd." + suffix;
            if (CgroupFile.at(group, reserved).exists()) {
                set(field + ".limit", group, reserved, value);
            }
        }
    }

    static void rdma(String device, Resources.Rdma limit, Path group) {
        List<String> line = new ArrayList<>(List.of(device));
        add(line, "hca_handle", limit.hcaHandles());
        add(line, "hca_object", limit.hcaObjects());
        set("rdma." + device, group, "rdma.max", String.join(" ", line));
    }

    private static void add(List<String> line, String key, @Nullable Long value) {
        if (value != null) {
            line.add(key + "=" + value);
        }
    }
}
