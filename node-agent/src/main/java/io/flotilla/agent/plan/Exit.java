package io.flotilla.agent.plan;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How an attempt ended.
 *
 * @param code 0 to 255, 128+n for death by signal n; null when nobody knows
 * @param oomKilled the kernel killed a process of the container for want of memory
 * @param time when it ended, or when its absence was found
 * @param ran how long it had run; zero when nobody knows
 */
public record Exit(@Nullable Integer code, boolean oomKilled, Instant time, Duration ran) {

    /** An end that nobody saw. */
    public static Exit unknown(Instant found) {
        return new Exit(null, false, found, Duration.ZERO);
    }

    boolean success() {
        return code != null && code == 0;
    }
}
