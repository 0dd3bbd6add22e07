package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.AttachOptions;
import io.flotilla.agent.engine.launch.Session;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.RestartPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sessions that were opened before a container's program ran, kept for whoever attaches first: a program may write its
 * first words, or all of them, before the news that it runs has reached the person who waits for them.
 */
final class FirstSessions implements AutoCloseable {

    /** As long as a shim holds output up for a session that does not read. */
    private static final Duration KEPT = Duration.ofSeconds(10);

    /** The end of a session that nobody took is not the end of the input. */
    private static final AttachOptions UNTAKEN = new AttachOptions(false, true);

    private final Map<UUID, Session> kept = new ConcurrentHashMap<>();

    /** Attaches to what is run for somebody who waits for it; nobody waits for what is restarted by itself. */
    StartHook hook(AllocationSpec spec) {
        boolean awaited = (spec.tty() || spec.stdin()) && spec.restart() == RestartPolicy.NEVER;
        return awaited ? shim -> keep(spec.allocationId(), shim.attach(UNTAKEN)) : shim -> {};
    }

    private void keep(UUID allocation, Session session) {
        Session old = kept.put(allocation, session);
        if (old != null) {
            old.close();
        }
        Thread.ofVirtual().name("first session of " + allocation).start(() -> {
            try {
                Thread.sleep(KEPT);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (kept.remove(allocation, session)) {
                session.close();
            }
        });
    }

    /** The session, once, with everything that was written since the start; it may tell of the end already. */
    Optional<Session> take(UUID allocation, AttachOptions options) {
        Session session = kept.remove(allocation);
        if (session == null) {
            return Optional.empty();
        }
        try {
            session.become(options);
        } catch (IOException e) {
            // The shim is gone: then there is no input to own, and what it sent can still be read.
        }
        return Optional.of(session);
    }

    /** The start has failed. */
    void drop(UUID allocation) {
        Session session = kept.remove(allocation);
        if (session != null) {
            session.close();
        }
    }

    @Override
    public void close() {
        kept.keySet().forEach(this::drop);
    }
}
