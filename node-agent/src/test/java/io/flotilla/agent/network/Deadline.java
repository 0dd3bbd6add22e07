package io.flotilla.agent.network;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Waits for what happens soon. */
final class Deadline {

    private static final long SECONDS = 10;

    private Deadline() {}

    static void until(Callable<Boolean> condition) throws Exception {
        until(SECONDS, condition);
    }

    static void until(long seconds, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.call()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + seconds + " s");
            }
            Thread.onSpinWait();
        }
    }
}
