package io.flotilla.agent.engine;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a container ended.
 *
 * @param code 0 to 255, 128+n for death by signal n; null when nobody knows
 * @param oomKilled its end is that of SIGKILL, and the kernel killed a process of it for want of memory
 * @param ended when it ended, or when its absence was found
 * @param ran how long it had run; zero when nobody knows
 */
public record ContainerExit(@Nullable Integer code, boolean oomKilled, Instant ended, Duration ran) {}
