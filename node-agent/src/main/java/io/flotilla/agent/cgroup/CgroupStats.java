package io.flotilla.agent.cgroup;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel has counted for one group since it was made. Read every few seconds for every container, so nothing stands here
 * that nobody asks for.
 */
public record CgroupStats(
        Cpu cpu, Memory memory, Pids pids, @Nullable Pressures pressure) {

    /** Nanoseconds; {@code periods} and {@code throttledPeriods} count the quota's periods. */
    public record Cpu(long usageNanos, long periods, long throttledPeriods, long throttledNanos) {}

    /**
     * Bytes. {@code usage} holds everything charged, page cache too; {@code workingSet} is usage less the inactive page
     * cache, which the kernel drops first. {@code oomKills} counts processes killed for want of memory.
     */
    public record Memory(long usage, long workingSet, OptionalLong limit, long oomKills) {}

    public record Pids(long count, OptionalLong limit) {}

    /** Pressure stall information; null as a whole where the kernel has none or the host is pure v1. */
    public record Pressures(
            @Nullable Pressure cpu, @Nullable Pressure memory) {}

    /** Per cent of time over 10 s, 60 s and 300 s, and the total in microseconds, in which some task waited. */
    public record Pressure(
            double some10, double some60, double some300, long someMicros, double full10, long fullMicros) {}
}
