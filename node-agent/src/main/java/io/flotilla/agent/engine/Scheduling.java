package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.Step;
import io.flotilla.agent.oci.LinuxSpec;
import io.flotilla.agent.oci.ProcessSpec;
import io.flotilla.agent.oci.SpecException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** How the kernel shall treat the process: scheduler, I/O priority, execution domain, memory policy; names to numbers. */
final class Scheduling {

    private static final Map<String, Integer> POLICIES = Map.of(
            "SCHED_OTHER", 0,
            "SCHED_FIFO", 1,
            "SCHED_RR", 2,
            "SCHED_BATCH", 3,
            "SCHED_IDLE", 5,
            "SCHED_DEADLINE", 6);

    private static final Map<String, Long> FLAGS = Map.of(
            "SCHED_FLAG_RESET_ON_FORK", 0x01L,
            "SCHED_FLAG_RECLAIM", 0x02L,
            "SCHED_FLAG_DL_OVERRUN", 0x04L,
            "SCHED_FLAG_KEEP_POLICY", 0x08L,
            "SCHED_FLAG_KEEP_PARAMS", 0x10L,
            "SCHED_FLAG_UTIL_CLAMP_MIN", 0x20L,
            "SCHED_FLAG_UTIL_CLAMP_MAX", 0x40L);

    private static final List<String> IO_CLASSES =
            List.of("", "IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE");

    private static final Map<String, Integer> DOMAINS = Map.of("LINUX", 0, "LINUX32", 8);

    private static final List<String> MEMORY_MODES = List.of(
            "MPOL_DEFAULT",
            "MPOL_PREFERRED",
            "MPOL_BIND",
            "MPOL_INTERLEAVE",
            "MPOL_LOCAL",
            "MPOL_PREFERRED_MANY",
            "MPOL_WEIGHTED_INTERLEAVE");

    private static final Map<String, Integer> MEMORY_FLAGS =
            Map.of("MPOL_F_STATIC_NODES", 1 << 15, "MPOL_F_RELATIVE_NODES", 1 << 14, "MPOL_F_NUMA_BALANCING", 1 << 13);

    private Scheduling() {}

    static void add(List<Step> steps, ProcessSpec process) {
        if (process.scheduler() != null) {
            steps.add(scheduler(process.scheduler()));
        }
        ProcessSpec.IoPriority priority = process.ioPriority();
        if (priority != null) {
            int ioClass = IO_CLASSES.indexOf(priority.type());
            if (ioClass < 1) {
                throw unknown("process.ioPriority.class", priority.type());
            }
            range("process.ioPriority.priority", priority.priority(), 0, 7);
            steps.add(new Step.IoPriority(ioClass, priority.priority()));
        }
    }

    private static Step scheduler(ProcessSpec.Scheduler asked) {
        int policy = number(POLICIES, "process.scheduler.policy", asked.policy());
        long flags = 0;
        for (String flag : asked.flags()) {
            flags |= number(FLAGS, "process.scheduler.flags", flag);
        }
        int nice = asked.nice() == null ? 0 : asked.nice();
        int priority = asked.priority() == null ? 0 : asked.priority();
        range("process.scheduler.nice", nice, -20, 19);
        boolean realtime = asked.policy().equals("SCHED_FIFO") || asked.policy().equals("SCHED_RR");
        range("process.scheduler.priority", priority, realtime ? 1 : 0, realtime ? 99 : 0);
        boolean deadline = asked.policy().equals("SCHED_DEADLINE");
        long runtime = orZero(asked.runtime());
        long until = orZero(asked.deadline());
        long period = orZero(asked.period());
        if (deadline && (runtime <= 0 || runtime > until || (period != 0 && until > period))) {
            throw new SpecException(
                    "process.scheduler",
                    "SCHED_DEADLINE needs 0 < runtime <= deadline <= period, and these are %d, %d, %d"
                            .formatted(runtime, until, period));
        }
        if (!deadline && (runtime != 0 || until != 0 || period != 0)) {
            throw new SpecException(
                    "process.scheduler", "runtime, deadline and period are for SCHED_DEADLINE, not " + asked.policy());
        }
        return new Step.Scheduler(policy, nice, priority, flags, runtime, until, period);
    }

    private static long orZero(@org.jspecify.annotations.Nullable Long value) {
        return value == null ? 0 : value;
    }

    static int domain(LinuxSpec.Personality personality) {
        if (!personality.flags().isEmpty()) {
            throw unknown("linux.personality.flags", personality.flags().getFirst());
        }
        return number(DOMAINS, "linux.personality.domain", personality.domain());
    }

    static Step memoryPolicy(LinuxSpec.MemoryPolicy policy) {
        int mode = MEMORY_MODES.indexOf(policy.mode());
        if (mode < 0) {
            throw unknown("linux.memoryPolicy.mode", policy.mode());
        }
        for (String flag : policy.flags()) {
            mode |= number(MEMORY_FLAGS, "linux.memoryPolicy.flags", flag);
        }
        String nodes = policy.nodes();
        return new Step.MemoryPolicy(
                mode,
                nodes == null || nodes.isEmpty()
                        ? ByteBuffer.allocate(0)
                        : Bits.mask("linux.memoryPolicy.nodes", nodes));
    }

    private static <N extends Number> N number(Map<String, N> numbers, String field, String name) {
        N number = name == null ? null : numbers.get(name);
        if (number == null) {
            throw unknown(field, name);
        }
        return number;
    }

    private static SpecException unknown(String field, String value) {
        return new SpecException(field, "\"" + value + "\" is unknown");
    }

    private static void range(String field, long value, long least, long most) {
        if (value < least || value > most) {
            throw new SpecException(field, "%d is not from %d to %d".formatted(value, least, most));
        }
    }
}
