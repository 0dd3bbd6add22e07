package io.flotilla.controlplane.report;

import io.flotilla.controlplane.database.Notifications;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Hands hints of changes, from this process and by notifications from every other, to whoever shows them. */
@Component
public class Changes {

    private static final Logger LOG = LoggerFactory.getLogger(Changes.class);

    private final List<Consumer<Change>> receivers = new CopyOnWriteArrayList<>();

    Changes(Notifications notifications) {
        for (Change.Kind kind : Change.Kind.values()) {
            notifications.subscribe(kind.word(), payload -> publish(change(kind, payload)));
        }
    }

    private static Change change(Change.Kind kind, String payload) {
        try {
            return new Change(kind, payload.isEmpty() ? null : UUID.fromString(payload));
        } catch (IllegalArgumentException e) {
            LOG.debug("hint on {} without an id: {}", kind.word(), payload);
            return new Change(kind, null);
        }
    }

    /** A receiver must be quick and must not block. Closing ends the subscription. */
    public AutoCloseable subscribe(Consumer<Change> receiver) {
        receivers.add(receiver);
        return () -> receivers.remove(receiver);
    }

    /** Tells this process's receivers only. */
    public void publish(Change change) {
        for (Consumer<Change> receiver : receivers) {
            try {
                receiver.accept(change);
            } catch (RuntimeException e) {
                // One receiver's bug must not cut the others off.
                LOG.error("receiver of changes failed", e);
            }
        }
    }
}
