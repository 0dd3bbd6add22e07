package io.flotilla.e2e;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Waiting for a condition with a deadline; the failure shows the last value seen. */
public final class Await {

    private static final Duration PAUSE = Duration.ofMillis(50);

    private Await() {}

    public static <T> T until(String what, Duration deadline, Callable<T> value, Predicate<T> condition) {
        long end = System.nanoTime() + deadline.toNanos();
        T last = null;
        @Nullable Exception failure = null;
        do {
            try {
                last = value.call();
                failure = null;
                if (condition.test(last)) {
                    return last;
                }
            } catch (Exception e) {
                failure = e;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        } while (System.nanoTime() < end);
        throw new AssertionError(
                "waited " + deadline.toSeconds() + " s for " + what + "; last seen: "
                        + (failure == null ? last : failure),
                failure);
    }

    public static void until(String what, Duration deadline, Callable<Boolean> condition) {
        Boolean reached = until(what, deadline, condition, Boolean::booleanValue);
        assert reached;
    }
}
