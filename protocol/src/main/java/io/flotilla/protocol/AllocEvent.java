package io.flotilla.protocol;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happened to an allocation, from the node's durable queue. Resent until acknowledged; the receiver
 * applies it only if {@code seq} is higher than the highest it has applied for this allocation.
 *
 * @param seq per node, from 1, without gaps, never reused
 * @param attempt from 1; exit facts belong to the attempt
 * @param exitCode null until the attempt has ended, and null with exitUnknown; death by signal n is 128+n
 * @param exitUnknown the attempt has ended and nobody knows how
 * @param reason one sentence for people; null when there is nothing to explain
 * @param retryAt when the next attempt is due; null unless the status is backoff
 * @param ports the published ports with their host port filled in; empty until running
 * @param address the container's address on the node's bridge; null when it has none
 * @param removed the node has removed everything the allocation left; it will not be named again
 */
public record AllocEvent(
        long seq,
        UUID allocationId,
        int attempt,
        Instant time,
        AllocStatus status,
        @Nullable Integer exitCode,
        boolean exitUnknown,
        boolean oomKilled,
        @Nullable String reason,
        @Nullable Instant retryAt,
        List<PortMapping> ports,
        @Nullable String address,
        boolean removed) {

    public AllocEvent {
        ports = List.copyOf(ports);
    }
}
