package io.flotilla.protocol.registry;

import java.io.InterruptedIOException;
import java.time.Duration;

/** Waits between two tries, twice as long each time. */
final class Pause {

    private Pause() {}

    static void before(int failedTries, Duration first) throws InterruptedIOException {
        of(length(failedTries, first));
    }

    static Duration length(int failedTries, Duration first) {
        return first.multipliedBy(1L << Math.min(failedTries - 1, 6));
    }

    static void of(Duration pause) throws InterruptedIOException {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted between two tries");
        }
    }
}
