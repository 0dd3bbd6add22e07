package io.flotilla.controlplane.node;

import io.flotilla.controlplane.schedule.Size;
import io.flotilla.protocol.NodeFacts;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A node as it is shown.
 *
 * @param capacity what can be reserved
 * @param reserved by allocations that have not ended
 * @param allocations how many of them
 * @param silentMillis since it was last heard, in milliseconds; null before the first time
 * @param generation of the NodeSpec that it shall hold
 * @param acceptedGeneration of the newest one that it said it holds
 * @param quarantined allocations that run there and that nobody knows; shown, never stopped
 */
public record NodeView(
        UUID id,
        String name,
        NodeStatus status,
        NodeFacts facts,
        Map<String, String> labels,
        Size capacity,
        Size reserved,
        int allocations,
        @Nullable Instant heardAt,
        @Nullable Long silentMillis,
        long generation,
        long acceptedGeneration,
        List<UUID> quarantined,
        Instant createdAt,
        @Nullable Instant cordonedAt,
        @Nullable Instant drainingAt,
        @Nullable Instant lostAt,
        @Nullable Instant fencedAt,
        @Nullable Instant revokedAt) {

    public NodeView {
        labels = Map.copyOf(labels);
        quarantined = List.copyOf(quarantined);
    }

    public boolean cordoned() {
        return cordonedAt != null;
    }

    public boolean draining() {
        return drainingAt != null;
    }
}
