package io.flotilla.controlplane.report;

import io.flotilla.controlplane.database.NotificationStore;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.protocol.AllocEvent;
import io.flotilla.protocol.AllocStatus;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.springframework.stereotype.Service;

/** Stores events of nodes exactly once, whatever is sent twice or out of order. */
@Service
public class Ingest {

    private final EventStore store;
    private final Pulls pulls;
    private final Transactions transactions;
    private final NotificationStore notifications;

    Ingest(EventStore store, Pulls pulls, Transactions transactions, NotificationStore notifications) {
        this.store = store;
        this.pulls = pulls;
        this.transactions = transactions;
        this.notifications = notifications;
    }

    /**
     * Stores a batch.
     *
     * @param despiteGap whether events before the batch are known to be gone for good
     * @return up to which number everything is stored; empty, with nothing stored, if events before the batch are missing
     */
    public OptionalLong store(UUID node, List<AllocEvent> events, boolean despiteGap) {
        if (events.isEmpty()) {
            return OptionalLong.empty();
        }
        List<AllocEvent> ordered = events.stream()
                .sorted(Comparator.comparingLong(AllocEvent::seq))
                .toList();
        return transactions.call(() -> {
            long stored = store.lockNode(node);
            if (ordered.getFirst().seq() > stored + 1 && !despiteGap) {
                return OptionalLong.empty();
            }
            Set<UUID> workloads = new HashSet<>();
            for (AllocEvent event : ordered) {
                take(node, event, workloads);
            }
            long last = Math.max(stored, ordered.getLast().seq());
            store.stored(node, last);
            workloads.forEach(workload -> notifications.send("workload", workload.toString()));
            return OptionalLong.of(last);
        });
    }

    private void take(UUID node, AllocEvent event, Set<UUID> workloads) {
        Optional<EventStore.Met> met = store.meet(node, event.allocationId());
        // An allocation that nobody knows (any more) has nothing to be told; the node may forget the event.
        if (met.isEmpty() || !store.remember(node, event)) {
            return;
        }
        AllocStatus status = met.get().status();
        AllocStatus next = status.mayBecome(event.status()) ? event.status() : status;
        store.apply(event, next);
        if (next != AllocStatus.PULLING) {
            pulls.done(event.allocationId());
        }
        workloads.add(met.get().workload());
        notifications.send("allocation", event.allocationId().toString());
    }
}
