package io.flotilla.agent.cgroup;

/**
 * The OCI runtimes' conversions between the values of cgroup v1, in which the runtime specification speaks, and those of
 * v2. Shares and weight are tied by the quadratic of opencontainers/cgroups, under which the defaults 1024 and 100 meet.
 */
public final class Conversions {

    public static final long MIN_SHARES = 2;
    public static final long MAX_SHARES = 262_144;
    private static final double OFFSET = 7.0 / 34;

    private Conversions() {}

    /** From 2..262144 to 1..10000. */
    public static long weight(long shares) {
        if (shares <= MIN_SHARES) {
            return 1;
        }
        if (shares >= MAX_SHARES) {
            return 10_000;
        }
        double log = Math.log((double) shares) / Math.log(2);
        return (long) Math.ceil(Math.pow(10, (log * log + 125 * log) / 612 - OFFSET) - 1e-9);
    }

    /** From 1..10000 to 2..262144. */
    public static long shares(long weight) {
        if (weight <= 1) {
            return MIN_SHARES;
        }
        if (weight >= 10_000) {
            return MAX_SHARES;
        }
        double log = (-125 + Math.sqrt(125 * 125 + 4 * 612 * (Math.log10((double) weight) + OFFSET))) / 2;
        return Math.round(Math.pow(2, log));
    }

    /** From 10..1000 of v1 and of the specification to 1..10000. */
    public static long ioWeight(long weight) {
        return 1 + (weight - 10) * 9999 / 990;
    }

    /**
     * Swap alone, as v2 counts it, from memory and swap together, as v1 and the specification do; -1 for no limit.
     */
    public static long swap(long memoryAndSwap, long memory) {
        return memoryAndSwap < 0 ? -1 : Math.max(0, memoryAndSwap - Math.max(0, memory));
    }
}
