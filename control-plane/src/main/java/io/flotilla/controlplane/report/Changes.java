package io.flotilla.controlplane.report;

import io.flotilla.controlplane.database.Notifications;
import io.flotilla.controlplane.reconcile.AfterSweep;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Hands hints of changes, from this process and by notifications from every other, to whoever shows them. */
@Component
public class Changes implements AfterSweep {

    private static final Logger LOG = LoggerFactory.getLogger(Changes.class);

    private final List<Consumer<Change>> receivers = new CopyOnWriteArrayList<>();

    private final ChangeStore store;

    Changes(Notifications notifications, ChangeStore store) {
        this.store = store;
        for (Change.Kind kind : Change.Kind.values()) {
            notifications.subscribeNumbered(kind.word(), (seq, payload) -> publish(change(kind, seq, payload)));
        }
    }

    /** The newest stored change's number; 0 if there is none. */
    public long newest() {
        return store.newest();
    }

    /**
     * Every change that somebody who has seen the one with this number, and all before it, may not have seen yet; perhaps
     * some that they have. Empty if it is too long ago to tell.
     */
    public Optional<List<Change>> since(long seq) {
        return store.since(seq);
    }

    @Override
    public void afterSweep() {
        store.trim();
    }

    private static Change change(Change.Kind kind, long seq, String payload) {
        try {
            return new Change(kind, payload.isEmpty() ? null : UUID.fromString(payload), seq);
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
