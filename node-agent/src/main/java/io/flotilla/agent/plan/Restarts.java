package io.flotilla.agent.plan;

import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.RestartPolicy;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What follows from the end of an attempt, by restart policy and exponential back-off. */
public final class Restarts {

    /** The pause after the first bad end. */
    static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

    /** The pause never grows beyond this. */
    static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    /** A run of this length is healthy: the pauses begin anew. */
    static final Duration HEALTHY_RUN = Duration.ofMinutes(1);

    private Restarts() {}

    /** The pause after so many bad ends in a row. */
    static Duration pause(int failures) {
        int doublings = Math.min(Math.max(failures, 1) - 1, 16);
        Duration pause = FIRST_PAUSE.multipliedBy(1L << doublings);
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }

    /** The state after the newest attempt ended while it was to run. */
    static AllocationState afterExit(AllocationState state, AllocationSpec spec, Exit exit, Instant now) {
        String how = describe(exit);
        return switch (spec.restart()) {
            case NEVER -> state.ended(exit.success() ? AllocStatus.COMPLETED : AllocStatus.FAILED, exit, how);
            case ON_FAILURE ->
                exit.success() ? state.ended(AllocStatus.COMPLETED, exit, how) : again(state, exit, now, how);
            case ALWAYS -> again(state, exit, now, how);
        };
    }

    private static AllocationState again(AllocationState state, Exit exit, Instant now, @Nullable String how) {
        boolean healthy = exit.ran().compareTo(HEALTHY_RUN) >= 0;
        int failures = healthy ? 1 : state.failures() + 1;
        return state.backoff(exit, failures, now.plus(pause(failures)), how);
    }

    /**
     * The state after an image could not be pulled or a container could not be started.
     *
     * @param code 126 or 127 where the command cannot be executed or was not found, else null
     * @param lasting trying again cannot help; only what shall always run is tried again all the same, since a person may
     *     mend what is wrong
     */
    public static AllocationState afterFailure(
            AllocationState state, String reason, @Nullable Integer code, boolean lasting, Instant now) {
        AllocationSpec spec = state.spec();
        Exit exit = code == null ? null : new Exit(code, false, now, Duration.ZERO);
        if (lasting && (spec == null || spec.restart() != RestartPolicy.ALWAYS)) {
            return state.ended(AllocStatus.FAILED, exit, reason);
        }
        int failures = state.failures() + 1;
        return state.backoff(exit, failures, now.plus(pause(failures)), reason);
    }

    private static @Nullable String describe(Exit exit) {
        Integer code = exit.code();
        if (code == null) {
            return "ended while nobody was looking; its exit code is unknown";
        }
        if (exit.oomKilled()) {
            return "killed by the kernel: out of memory";
        }
        String signal = code > 128 && code <= 128 + 64 ? " (signal " + (code - 128) + ")" : "";
        return code == 0 ? null : "exited with code " + code + signal;
    }
}
