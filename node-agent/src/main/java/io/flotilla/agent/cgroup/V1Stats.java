package io.flotilla.agent.cgroup;

import io.flotilla.agent.cgroup.CgroupStats.Pressures;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Statistics by the names that cgroup v1 gives them. */
final class V1Stats {

    private V1Stats() {}

    static CgroupStats read(
            @Nullable Path cpu,
            @Nullable Path cpuacct,
            @Nullable Path memory,
            @Nullable Path pids,
            @Nullable Pressures psi) {
        return new CgroupStats(cpu(cpu, cpuacct), memory(memory), pids(pids), psi);
    }

    private static CgroupStats.Cpu cpu(@Nullable Path cpu, @Nullable Path cpuacct) {
        Map<String, Long> stat =
                cpu == null ? Map.of() : CgroupFile.at(cpu, "cpu.stat").readKeyed();
        return new CgroupStats.Cpu(
                number(cpuacct, "cpuacct.usage"),
                stat.getOrDefault("nr_periods", 0L),
                stat.getOrDefault("nr_throttled", 0L),
                stat.getOrDefault("throttled_time", 0L));
    }

    private static CgroupStats.Memory memory(@Nullable Path group) {
        Map<String, Long> stat =
                group == null ? Map.of() : CgroupFile.at(group, "memory.stat").readKeyed();
        long usage = number(group, "memory.usage_in_bytes");
        return new CgroupStats.Memory(
                usage,
                Math.max(0, usage - stat.getOrDefault("total_inactive_file", 0L)),
                limit(group, "memory.limit_in_bytes"),
                group == null ? 0 : oomKills(group));
    }

    private static CgroupStats.Pids pids(@Nullable Path group) {
        return new CgroupStats.Pids(number(group, "pids.current"), limit(group, "pids.max"));
    }

    static long oomKills(Path memory) {
        return CgroupFile.at(memory, "memory.oom_control").readKeyed().getOrDefault("oom_kill", 0L);
    }

    private static long number(@Nullable Path group, String file) {
        return group == null ? 0 : CgroupFile.at(group, file).readNumber();
    }

    private static OptionalLong limit(@Nullable Path group, String file) {
        return group == null ? OptionalLong.empty() : CgroupFile.at(group, file).readLimit();
    }
}
