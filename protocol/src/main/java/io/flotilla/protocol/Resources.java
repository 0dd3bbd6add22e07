package io.flotilla.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What one replica may use. The first two are reserved by the scheduler, counted by quotas and enforced by the kernel.
 *
 * @param cpuMillis hard CPU limit in thousandths of a core, 10 to 1,024,000
 * @param memoryBytes hard memory limit in bytes, at least 4 MiB
 * @param cpuShares relative CPU weight under contention, 2 to 262,144 as cgroup v1 counts it; null: derived from cpuMillis
 * @param memoryReservationBytes soft memory limit in bytes, at most memoryBytes; null: none
 * @param swapBytes swap in bytes beyond memory; 0: off
 * @param pids process limit, at least 1
 */
public record Resources(
        long cpuMillis,
        long memoryBytes,
        @Nullable Long cpuShares,
        @Nullable Long memoryReservationBytes,
        long swapBytes,
        long pids) {

    public static final long MIN_MEMORY_BYTES = 4L << 20;

    public Resources {
        check("cpu", cpuMillis, 10, 1_024_000);
        check("memory", memoryBytes, MIN_MEMORY_BYTES, 1L << 50);
        if (cpuShares != null) {
            check("cpuShares", cpuShares, 2, 262_144);
        }
        if (memoryReservationBytes != null) {
            check("memoryReservation", memoryReservationBytes, 0, memoryBytes);
        }
        check("swap", swapBytes, 0, 1L << 50);
        check("pids", pids, 1, 4_194_304);
    }

    private static void check(String field, long value, long min, long max) {
        if (value < min || value > max) {
            throw new InvalidField("resources." + field, String.valueOf(value), "must be from " + min + " to " + max);
        }
    }
}
