package io.flotilla.agent.cgroup;

import io.flotilla.agent.oci.Resources;
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
        new V2Limits(group).apply(resources);
    }

    @Override
    public List<LimitReading> readBack(Resources asked) {
        return new V2ReadBack(group).of(asked);
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
