package io.flotilla.controlplane.id;

import java.time.Clock;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Makes UUIDs of version 7 at the present time. */
public final class Ids {

    private final Clock clock;
    private final RandomGenerator random;

    public Ids(Clock clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** A new id; ids made in different milliseconds sort in the order in which they were made. */
    public UUID next() {
        return io.flotilla.protocol.Ids.v7(clock.instant(), random);
    }
}
