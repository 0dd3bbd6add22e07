package io.flotilla.controlplane.report;

import io.flotilla.protocol.PullProgress;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** How far the pulls for allocations are; in memory, since it is worth nothing a second later. */
@Component
public class Pulls {

    private static final int MOST = 10_000;

    private final Map<UUID, PullProgress> progress = new ConcurrentHashMap<>();
    private final Changes changes;

    Pulls(Changes changes) {
        this.changes = changes;
    }

    public void report(UUID allocationId, PullProgress now) {
        if (progress.size() < MOST || progress.containsKey(allocationId)) {
            progress.put(allocationId, now);
        }
        changes.publish(new Change(Change.Kind.ALLOCATION, allocationId));
    }

    /** The newest; empty if it does not pull, or if its node has a session with another replica. */
    public Optional<PullProgress> progress(UUID allocationId) {
        return Optional.ofNullable(progress.get(allocationId));
    }

    void done(UUID allocationId) {
        progress.remove(allocationId);
    }
}
