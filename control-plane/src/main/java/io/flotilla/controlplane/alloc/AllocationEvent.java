package io.flotilla.controlplane.alloc;

import io.flotilla.protocol.AllocStatus;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a node reported of an allocation, for timelines.
 *
 * @param seq per node; grows
 * @param at by the node's clock
 */
public record AllocationEvent(
        UUID allocationId,
        int replica,
        long seq,
        @Nullable String node,
        Instant at,
        int attempt,
        AllocStatus status,
        @Nullable Integer exitCode,
        boolean exitUnknown,
        boolean oomKilled,
        @Nullable String reason) {}
