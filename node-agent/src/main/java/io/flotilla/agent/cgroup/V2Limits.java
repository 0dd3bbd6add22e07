package io.flotilla.agent.cgroup;

import io.flotilla.agent.oci.Resources;
import java.nio.file.Path;

/** Sets {@code linux.resources} in the files of cgroup2, converted where their values mean something else. */
record V2Limits(Path group) {

    private static final String ONLY_V1 = " needs a host with cgroup v1";

    void apply(Resources resources) {
        if (resources.cpu() != null) {
            cpu(resources.cpu());
        }
        if (resources.memory() != null) {
            memory(resources.memory());
        }
        if (resources.pids() != null) {
            long limit = resources.pids().limit();
            Limits.set("pids.limit", group, "pids.max", limit <= 0 ? "max" : limit);
        }
        if (resources.blockIO() != null) {
            blockIo(resources.blockIO());
        }
        Limits.hugepages(resources.hugepageLimits(), group, "max");
        Resources.Network network = resources.network();
        if (network != null) {
            Limits.refuse(network.classId() != null, "network.classID", network.classId() + ONLY_V1);
            Limits.refuse(!network.priorities().isEmpty(), "network.priorities", network.priorities() + ONLY_V1);
        }
        resources.rdma().forEach((device, limit) -> Limits.rdma(device, limit, group));
        if (!resources.devices().isEmpty()) {
            DeviceFilter.attach(group, resources.devices());
        }
        resources.unified().forEach(this::unified);
    }

    /** Last, so that what the host's own words say wins over what was converted. */
    private void unified(String file, String value) {
        String field = "unified." + file;
        Limits.refuse(
                !file.matches("[a-z0-9_]+(\\.[A-Za-z0-9_]+)+") || file.startsWith("cgroup."),
                field,
                "is no file of a controller");
        Limits.setIfKnown(field, group, file, value, "this host has no such controller, or the kernel no such file");
    }

    private void cpu(Resources.Cpu cpu) {
        Limits.refuse(cpu.realtimeRuntime() != null, "cpu.realtimeRuntime", cpu.realtimeRuntime() + ONLY_V1);
        Limits.refuse(cpu.realtimePeriod() != null, "cpu.realtimePeriod", cpu.realtimePeriod() + ONLY_V1);
        if (cpu.shares() != null && cpu.shares() != 0) {
            Limits.set("cpu.shares", group, "cpu.weight", Conversions.weight(cpu.shares()));
        }
        if (cpu.idle() != null) {
            Limits.set("cpu.idle", group, "cpu.idle", cpu.idle());
        }
        if (cpu.quota() != null || cpu.period() != null) {
            Limits.set("cpu.quota", group, "cpu.max", bandwidth(cpu));
        }
        if (cpu.burst() != null) {
            Limits.set("cpu.burst", group, "cpu.max.burst", cpu.burst());
        }
        if (cpu.cpus() != null && !cpu.cpus().isEmpty()) {
            Limits.set("cpu.cpus", group, "cpuset.cpus", cpu.cpus());
        }
        if (cpu.mems() != null && !cpu.mems().isEmpty()) {
            Limits.set("cpu.mems", group, "cpuset.mems", cpu.mems());
        }
    }

    /** Quota and period in microseconds, as {@code cpu.max} wants them. */
    static String bandwidth(Resources.Cpu cpu) {
        long period = cpu.period() == null ? V1Cgroup.DEFAULT_PERIOD_MICROS : cpu.period();
        Long quota = cpu.quota();
        return (quota == null || quota <= 0 ? "max" : quota.toString()) + " " + period;
    }

    private void memory(Resources.Memory memory) {
        Limits.refuseKernelMemory(memory);
        Limits.refuseFlatHierarchy(memory);
        Long tcp = memory.kernelTCP();
        Limits.refuse(tcp != null && tcp > 0, "memory.kernelTCP", tcp + ONLY_V1);
        Limits.refuse(memory.swappiness() != null, "memory.swappiness", memory.swappiness() + ONLY_V1);
        Limits.refuse(Boolean.TRUE.equals(memory.disableOOMKiller()), "memory.disableOOMKiller", "true" + ONLY_V1);
        Limits.checkUsage(memory, group, "memory.current");
        long limit = memory.limit() == null ? -1 : memory.limit();
        boolean countsSwap = CgroupFile.at(group, "memory.swap.max").exists();
        SwapCount.refuse(memory, countsSwap);
        if (memory.swap() != null && countsSwap) {
            Limits.set("memory.swap", group, "memory.swap.max", maxOr(Conversions.swap(memory.swap(), limit)));
        }
        if (memory.limit() != null) {
            Limits.set("memory.limit", group, "memory.max", maxOr(limit));
        }
        if (memory.reservation() != null) {
            Limits.set("memory.reservation", group, "memory.low", maxOr(memory.reservation()));
        }
    }

    private static String maxOr(long value) {
        return value < 0 ? "max" : Long.toString(value);
    }

    private void blockIo(Resources.BlockIo io) {
        Integer leaf = io.leafWeight();
        Limits.refuse(leaf != null && leaf != 0, "blockIO.leafWeight", leaf + ONLY_V1);
        if (io.weight() != null && io.weight() != 0) {
            weight("blockIO.weight", "", io.weight());
        }
        for (int i = 0; i < io.weightDevice().size(); i++) {
            Resources.WeightDevice device = io.weightDevice().get(i);
            String field = "blockIO.weightDevice[" + i + "].";
            Limits.refuse(device.leafWeight() != null, field + "leafWeight", device.leafWeight() + ONLY_V1);
            if (device.weight() != null) {
                weight(field + "weight", device.major() + ":" + device.minor() + " ", device.weight());
            }
        }
        Limits.throttles(
                "throttleReadBpsDevice", io.throttleReadBpsDevice(), group, "io.max", rate -> "rbps=" + number(rate));
        Limits.throttles(
                "throttleWriteBpsDevice", io.throttleWriteBpsDevice(), group, "io.max", rate -> "wbps=" + number(rate));
        Limits.throttles(
                "throttleReadIOPSDevice",
                io.throttleReadIOPSDevice(),
                group,
                "io.max",
                rate -> "riops=" + number(rate));
        Limits.throttles(
                "throttleWriteIOPSDevice",
                io.throttleWriteIOPSDevice(),
                group,
                "io.max",
                rate -> "wiops=" + number(rate));
    }

    /** v1 writes 0 for no limit. */
    private static String number(long rate) {
        return rate == 0 ? "max" : Long.toUnsignedString(rate);
    }

    private void weight(String field, String device, int weight) {
        String file = Limits.weightFile(group, "io.bfq.weight", "io.weight", weight);
        Limits.set(field, group, file, device + (file.equals("io.weight") ? Conversions.ioWeight(weight) : weight));
    }
}
