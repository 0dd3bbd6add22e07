package io.flotilla.agent.cgroup;

import io.flotilla.agent.oci.Resources;
import io.flotilla.agent.oci.SpecException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A container's group on a host with cgroup2 only. */
record V2Cgroup(String name, Path group) implements Cgroup {

    private UnifiedCore core() {
        return new UnifiedCore(group);
    }

    @Override
    public List<Path> directories() {
        return List.of(group);
    }

    @Override
    public Map<String, Path> hierarchies() {
        return Map.of("", group);
    }

    @Override
    public boolean add(long pid) {
        return CgroupFile.at(group, "cgroup.procs").addProcess(pid);
    }

    @Override
    public void apply(Resources resources) {
        Unapplied.refuse(resources);
        if (resources.memory() != null && resources.memory().swappiness() != null) {
            throw new SpecException("linux.resources.memory.swappiness", "needs a host with cgroup v1");
        }
        if (resources.cpu() != null) {
            apply(resources.cpu());
        }
        if (resources.memory() != null) {
            apply(resources.memory());
        }
        if (resources.pids() != null) {
            long limit = resources.pids().limit();
            set("pids.max", limit <= 0 ? "max" : Long.toString(limit));
        }
        resources.unified().forEach(this::set);
        if (!resources.devices().isEmpty()) {
            DeviceFilter.attach(group, resources.devices());
        }
    }

    private void apply(Resources.Cpu cpu) {
        if (cpu.shares() != null && cpu.shares() != 0) {
            set("cpu.weight", Long.toString(Conversions.weight(cpu.shares())));
        }
        if (cpu.idle() != null) {
            set("cpu.idle", cpu.idle().toString());
        }
        if (cpu.quota() != null || cpu.period() != null) {
            long period = cpu.period() == null ? V1Cgroup.DEFAULT_PERIOD_MICROS : cpu.period();
            String quota = cpu.quota() == null || cpu.quota() <= 0
                    ? "max"
                    : cpu.quota().toString();
            set("cpu.max", quota + " " + period);
        }
        if (cpu.burst() != null) {
            set("cpu.max.burst", cpu.burst().toString());
        }
        if (cpu.cpus() != null) {
            set("cpuset.cpus", cpu.cpus());
        }
        if (cpu.mems() != null) {
            set("cpuset.mems", cpu.mems());
        }
    }

    private void apply(Resources.Memory memory) {
        long limit = memory.limit() == null ? -1 : memory.limit();
        boolean countsSwap = CgroupFile.at(group, "memory.swap.max").exists();
        Unapplied.refuseSwap(memory, countsSwap);
        if (memory.swap() != null && countsSwap) {
            set("memory.swap.max", maxOr(Conversions.swap(memory.swap(), limit)));
        }
        if (memory.limit() != null) {
            set("memory.max", maxOr(limit));
        }
        if (memory.reservation() != null) {
            set("memory.low", maxOr(memory.reservation()));
        }
    }

    private static String maxOr(long value) {
        return value < 0 ? "max" : Long.toString(value);
    }

    private void set(String file, String value) {
        CgroupFile.at(group, file).write(value);
    }

    @Override
    public CgroupStats stats() {
        Map<String, Long> cpu = CgroupFile.at(group, "cpu.stat").readKeyed();
        return new CgroupStats(
                new CgroupStats.Cpu(
                        micros(cpu, "usage_usec"),
                        cpu.getOrDefault("nr_periods", 0L),
                        cpu.getOrDefault("nr_throttled", 0L),
                        micros(cpu, "throttled_usec")),
                memory(),
                new CgroupStats.Pids(
                        CgroupFile.at(group, "pids.current").readNumber(),
                        CgroupFile.at(group, "pids.max").readLimit()),
                core().pressure());
    }

    private static long micros(Map<String, Long> values, String key) {
        return values.getOrDefault(key, 0L) * 1000;
    }

    private CgroupStats.Memory memory() {
        Map<String, Long> stat = CgroupFile.at(group, "memory.stat").readKeyed();
        long usage = CgroupFile.at(group, "memory.current").readNumber();
        return new CgroupStats.Memory(
                usage,
                Math.max(0, usage - stat.getOrDefault("inactive_file", 0L)),
                CgroupFile.at(group, "memory.max").readLimit(),
                oomKills());
    }

    @Override
    public long oomKills() {
        return CgroupFile.at(group, "memory.events").readKeyed().getOrDefault("oom_kill", 0L);
    }

    @Override
    public List<Long> processes() {
        return GroupTree.processes(group);
    }

    @Override
    public void freeze(Duration deadline) {
        core().freeze(deadline);
    }

    @Override
    public void thaw() {
        core().thaw();
    }

    @Override
    public boolean frozen() {
        return core().frozen();
    }

    @Override
    public void killAll() {
        core().killAll();
    }

    @Override
    public void remove(Duration deadline) {
        boolean gone = GroupTree.await(deadline, () -> {
            if (GroupTree.remove(group)) {
                return true;
            }
            killAll();
            return false;
        });
        if (!gone) {
            throw new CgroupException("rmdir", group, "processes " + processes() + " do not end");
        }
    }
}
