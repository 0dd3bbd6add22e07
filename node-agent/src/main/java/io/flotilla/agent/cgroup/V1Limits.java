package io.flotilla.agent.cgroup;

import io.flotilla.agent.oci.Resources;
import io.flotilla.agent.oci.SpecException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sets {@code linux.resources} in the files of v1, each in its controller's hierarchy. */
record V1Limits(CgroupLayout layout, String below, @Nullable UnifiedCore core) {

    private static final String RT_RUNTIME = "cpu.rt_runtime_us";
    private static final String RT_PERIOD = "cpu.rt_period_us";

    private @Nullable Path in(String controller) {
        return layout.group(controller, below);
    }

    private Path require(String controller, String field) {
        Path group = in(controller);
        if (group == null) {
            throw new SpecException(Limits.PREFIX + field, "this host has no " + controller + " control group");
        }
        return group;
    }

    void apply(Resources resources) {
        Limits.refuse(
                !resources.unified().isEmpty(),
                "unified",
                resources.unified().keySet() + " needs a host with cgroup v2; this one is " + layout.mode());
        if (resources.cpu() != null) {
            cpu(resources.cpu());
        }
        if (resources.memory() != null) {
            memory(require("memory", "memory"), resources.memory());
        }
        if (resources.pids() != null) {
            long limit = resources.pids().limit();
            Limits.set("pids.limit", require("pids", "pids"), "pids.max", limit <= 0 ? "max" : limit);
        }
        if (resources.blockIO() != null && !resources.blockIO().isEmpty()) {
            blockIo(require("blkio", "blockIO"), resources.blockIO());
        }
        hugepages(resources.hugepageLimits());
        if (resources.network() != null) {
            network(resources.network());
        }
        resources.rdma().forEach((device, limit) -> Limits.rdma(device, limit, require("rdma", "rdma." + device)));
        devices(resources.devices());
    }

    private void cpu(Resources.Cpu cpu) {
        Path group = require("cpu", "cpu");
        if (cpu.shares() != null && cpu.shares() != 0) {
            Limits.set("cpu.shares", group, "cpu.shares", cpu.shares());
        }
        if (cpu.idle() != null) {
            Limits.set("cpu.idle", group, "cpu.idle", cpu.idle());
        }
        if (cpu.period() != null) {
            Limits.set("cpu.period", group, "cpu.cfs_period_us", cpu.period());
        }
        if (cpu.quota() != null) {
            Limits.set("cpu.quota", group, "cpu.cfs_quota_us", cpu.quota() <= 0 ? -1 : cpu.quota());
        }
        if (cpu.burst() != null) {
            Limits.set("cpu.burst", group, "cpu.cfs_burst_us", cpu.burst());
        }
        realtime(group, cpu);
        if (cpu.cpus() != null && !cpu.cpus().isEmpty()) {
            Limits.set("cpu.cpus", require("cpuset", "cpu.cpus"), "cpuset.cpus", cpu.cpus());
        }
        if (cpu.mems() != null && !cpu.mems().isEmpty()) {
            Limits.set("cpu.mems", require("cpuset", "cpu.mems"), "cpuset.mems", cpu.mems());
        }
    }

    private static void realtime(Path group, Resources.Cpu cpu) {
        String otherwise = "this kernel does not share out real time among groups (CONFIG_RT_GROUP_SCHED)";
        if (cpu.realtimePeriod() != null) {
            Limits.setIfKnown("cpu.realtimePeriod", group, RT_PERIOD, cpu.realtimePeriod(), otherwise);
        }
        Long runtime = cpu.realtimeRuntime();
        Path parent = group.getParent();
        if (runtime == null || parent == null) {
            return;
        }
        if (CgroupFile.at(parent, RT_RUNTIME).exists()) {
            makeRoom(parent, group, runtime);
        }
        Limits.setIfKnown("cpu.realtimeRuntime", group, RT_RUNTIME, runtime, otherwise);
    }

    /** Groups can have no more together than their parent, and a new parent has nothing. */
    private static void makeRoom(Path parent, Path group, long runtime) {
        double share = (double) runtime / CgroupFile.at(group, RT_PERIOD).readNumber();
        for (Path sibling : GroupTree.children(parent)) {
            if (!sibling.equals(group)) {
                share += (double) CgroupFile.at(sibling, RT_RUNTIME).readNumber()
                        / CgroupFile.at(sibling, RT_PERIOD).readNumber();
            }
        }
        long needed = (long) Math.ceil(share * CgroupFile.at(parent, RT_PERIOD).readNumber());
        if (CgroupFile.at(parent, RT_RUNTIME).readNumber() < needed) {
            Limits.set("cpu.realtimeRuntime", parent, RT_RUNTIME, needed);
        }
    }

    private static void memory(Path group, Resources.Memory memory) {
        Limits.refuseKernelMemory(memory);
        Limits.refuseFlatHierarchy(memory);
        Limits.checkUsage(memory, group, "memory.usage_in_bytes");
        CgroupFile both = CgroupFile.at(group, "memory.memsw.limit_in_bytes");
        SwapCount.refuse(memory, both.exists());
        Long swap = both.exists() ? memory.swap() : null;
        // The kernel demands limit <= limit with swap at every moment, so a growing pair is written from the top.
        boolean grows = swap != null && exceeds(swap, both);
        if (swap != null && grows) {
            Limits.set("memory.swap", group, "memory.memsw.limit_in_bytes", swap);
        }
        if (memory.limit() != null) {
            Limits.set("memory.limit", group, "memory.limit_in_bytes", memory.limit());
        }
        if (swap != null && !grows) {
            Limits.set("memory.swap", group, "memory.memsw.limit_in_bytes", swap);
        }
        if (memory.reservation() != null) {
            Limits.set("memory.reservation", group, "memory.soft_limit_in_bytes", memory.reservation());
        }
        if (memory.kernelTCP() != null) {
            Limits.set("memory.kernelTCP", group, "memory.kmem.tcp.limit_in_bytes", memory.kernelTCP());
        }
        if (memory.swappiness() != null) {
            Limits.set("memory.swappiness", group, "memory.swappiness", memory.swappiness());
        }
        if (memory.disableOOMKiller() != null) {
            Limits.set("memory.disableOOMKiller", group, "memory.oom_control", memory.disableOOMKiller() ? 1 : 0);
        }
    }

    private static boolean exceeds(long wanted, CgroupFile limit) {
        return limit.readLimit().stream().anyMatch(present -> wanted < 0 || wanted > present);
    }

    private static void blockIo(Path group, Resources.BlockIo io) {
        if (io.weight() != null && io.weight() != 0) {
            String file = Limits.weightFile(group, "blkio.bfq.weight", "blkio.weight", io.weight());
            Limits.set("blockIO.weight", group, file, io.weight());
        }
        String noLeaf = "no I/O scheduler of this kernel knows weights of leaves (5.0 has removed them)";
        if (io.leafWeight() != null && io.leafWeight() != 0) {
            Limits.setIfKnown("blockIO.leafWeight", group, "blkio.leaf_weight", io.leafWeight(), noLeaf);
        }
        for (int i = 0; i < io.weightDevice().size(); i++) {
            Resources.WeightDevice device = io.weightDevice().get(i);
            String prefix = device.major() + ":" + device.minor() + " ";
            String field = "blockIO.weightDevice[" + i + "].";
            if (device.weight() != null) {
                String file =
                        Limits.weightFile(group, "blkio.bfq.weight_device", "blkio.weight_device", device.weight());
                Limits.set(field + "weight", group, file, prefix + device.weight());
            }
            if (device.leafWeight() != null) {
                Limits.setIfKnown(
                        field + "leafWeight", group, "blkio.leaf_weight_device", prefix + device.leafWeight(), noLeaf);
            }
        }
        String throttle = "blkio.throttle.";
        Limits.throttles(
                "throttleReadBpsDevice",
                io.throttleReadBpsDevice(),
                group,
                throttle + "read_bps_device",
                Long::toUnsignedString);
        Limits.throttles(
                "throttleWriteBpsDevice",
                io.throttleWriteBpsDevice(),
                group,
                throttle + "write_bps_device",
                Long::toUnsignedString);
        Limits.throttles(
                "throttleReadIOPSDevice",
                io.throttleReadIOPSDevice(),
                group,
                throttle + "read_iops_device",
                Long::toUnsignedString);
        Limits.throttles(
                "throttleWriteIOPSDevice",
                io.throttleWriteIOPSDevice(),
                group,
                throttle + "write_iops_device",
                Long::toUnsignedString);
    }

    /** A hybrid host may have this controller on its cgroup2 side. */
    private void hugepages(List<Resources.HugepageLimit> limits) {
        if (limits.isEmpty()) {
            return;
        }
        Path own = in("hugetlb");
        if (own == null && core != null && layout.unified() != null) {
            core.enable("hugetlb", layout.unified());
            Limits.hugepages(limits, core.group(), "max");
            return;
        }
        Limits.hugepages(limits, require("hugetlb", "hugepageLimits"), "limit_in_bytes");
    }

    private void network(Resources.Network network) {
        if (network.classId() != null) {
            Limits.set("network.classID", require("net_cls", "network.classID"), "net_cls.classid", network.classId());
        }
        for (int i = 0; i < network.priorities().size(); i++) {
            Resources.InterfacePriority priority = network.priorities().get(i);
            String field = "network.priorities[" + i + "]";
            Limits.set(
                    field,
                    require("net_prio", field),
                    "net_prio.ifpriomap",
                    priority.name() + " " + priority.priority());
        }
    }

    private void devices(List<Resources.DeviceRule> rules) {
        if (rules.isEmpty()) {
            return;
        }
        Path group = in("devices");
        if (group == null) {
            if (core == null) {
                throw new SpecException("linux.resources.devices", "needs the controller devices or cgroup2");
            }
            DeviceFilter.attach(core.group(), rules);
            return;
        }
        for (int i = 0; i < rules.size(); i++) {
            Resources.DeviceRule rule = rules.get(i);
            Limits.set("devices[" + i + "]", group, rule.allow() ? "devices.allow" : "devices.deny", line(rule));
        }
    }

    /** A rule as the kernel writes it. */
    static String line(Resources.DeviceRule rule) {
        String type = rule.type() == null ? "a" : rule.type();
        String access = rule.access() == null ? "rwm" : rule.access();
        return "%s %s:%s %s".formatted(type, star(rule.major()), star(rule.minor()), access);
    }

    private static String star(@Nullable Long number) {
        return number == null || number < 0 ? "*" : number.toString();
    }
}
