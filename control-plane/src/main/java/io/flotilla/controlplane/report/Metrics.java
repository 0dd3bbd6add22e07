package io.flotilla.controlplane.report;

import io.flotilla.protocol.NodeSample;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Service;

/**
 * Samples of nodes: every one of the last five minutes in this process's memory, and one in fifteen seconds for six hours
 * in the database. Both are rings.
 */
@Service
public class Metrics {

    private static final int IN_MEMORY = 150;

    /** One reading of one container. */
    public record Reading(Instant at, NodeSample.Container container) {}

    private final Map<UUID, Deque<NodeSample>> recent = new ConcurrentHashMap<>();
    private final Map<UUID, Long> writtenSlot = new ConcurrentHashMap<>();
    private final SampleStore store;

    Metrics(SampleStore store) {
        this.store = store;
    }

    /** Blocking, once in fifteen seconds for each node. */
    public void record(UUID node, NodeSample sample) {
        recent.compute(node, (id, ring) -> {
            Deque<NodeSample> kept = ring == null ? new ArrayDeque<>() : new ArrayDeque<>(ring);
            kept.addLast(sample);
            while (kept.size() > IN_MEMORY) {
                kept.removeFirst();
            }
            return kept;
        });
        long slot = sample.time().getEpochSecond() / SampleStore.SECONDS;
        Long before = writtenSlot.put(node, slot);
        if (before == null || before != slot) {
            store.put(node, sample);
        }
    }

    /** The last five minutes, the oldest first; empty if the node has no session with this process. */
    public List<NodeSample> recent(UUID node) {
        Deque<NodeSample> ring = recent.get(node);
        return ring == null ? List.of() : List.copyOf(ring);
    }

    /** The newest sample, from memory. */
    public Optional<NodeSample> newest(UUID node) {
        Deque<NodeSample> ring = recent.get(node);
        return ring == null ? Optional.empty() : Optional.of(ring.getLast());
    }

    /** The last five minutes of one allocation, the oldest first. */
    public List<Reading> recent(UUID node, UUID allocation) {
        return recent(node).stream()
                .flatMap(sample -> sample.containers().stream()
                        .filter(container -> container.allocationId().equals(allocation))
                        .map(container -> new Reading(sample.time(), container)))
                .toList();
    }

    /** The newest reading of one allocation. */
    public Optional<NodeSample.Container> newest(UUID node, UUID allocation) {
        return newest(node)
                .flatMap(sample -> sample.containers().stream()
                        .filter(container -> container.allocationId().equals(allocation))
                        .findFirst());
    }

    /** One in fifteen seconds, at most six hours, the oldest first. */
    public List<NodeSample> history(UUID node, Instant since) {
        return store.since(node, since);
    }

    /** One allocation's readings on its node, one in fifteen seconds, at most six hours, the oldest first. */
    public List<Reading> history(UUID node, UUID allocation, Instant since) {
        return store.since(node, allocation, since);
    }
}
