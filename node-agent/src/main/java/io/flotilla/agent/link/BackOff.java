package io.flotilla.agent.link;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Pauses between attempts to connect: doubling, and spread so that a fleet does not return all at once. */
final class BackOff {

    private static final Duration FIRST = Duration.ofMillis(200);
    private static final Duration LONGEST = Duration.ofSeconds(5);
    private static final Duration LASTING = Duration.ofSeconds(30);

    private final RandomGenerator random;
    private int failures;

    BackOff(RandomGenerator random) {
        this.random = random;
    }

    void reset() {
        failures = 0;
    }

    /** The next pause: between half and all of what the number of failures calls for. */
    Duration next(boolean lasting) {
        Duration doubled = FIRST.multipliedBy(1L << Math.min(failures, 10));
        Duration most = lasting ? LASTING : doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
        failures++;
        long millis = most.toMillis();
        return Duration.ofMillis(millis / 2 + random.nextLong(millis / 2 + 1));
    }
}
