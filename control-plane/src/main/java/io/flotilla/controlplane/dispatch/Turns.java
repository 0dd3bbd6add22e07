package io.flotilla.controlplane.dispatch;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets one thread at a time do a piece of work, without holding a lock while it is done. Whoever comes meanwhile goes on
 * at once, and the work is done once more. What is handed to a subscriber must not be handed over under a lock: the
 * subscriber may hold one of its own while it asks for more.
 */
public final class Turns {

    private final AtomicInteger asked = new AtomicInteger();

    public void take(Runnable work) {
        if (asked.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            try {
                work.run();
            } catch (RuntimeException | Error e) {
                asked.set(0);
                throw e;
            }
            seen = asked.addAndGet(-seen);
        } while (seen != 0);
    }
}
