package io.flotilla.controlplane.api;

import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.protocol.PortMapping;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An allocation as the API shows it.
 *
 * @param workload the workload's id
 * @param node the node's id; null while pending
 * @param nodeLost the node was given up: the status is the last that it reported, and no replica is served by it
 * @param retryAt when the next attempt is due; counts only while the status is backoff
 * @param desired what its node is told: run, stop or remove
 */
record AllocationBody(
        UUID id,
        UUID workload,
        String workloadName,
        String team,
        int revision,
        int replica,
        @Nullable UUID node,
        @Nullable String nodeName,
        boolean nodeLost,
        String status,
        String desired,
        int attempt,
        @Nullable Integer exitCode,
        boolean exitUnknown,
        boolean oomKilled,
        @Nullable String reason,
        @Nullable Instant retryAt,
        List<PortMapping> ports,
        @Nullable String address,
        List<VerdictBody> candidates,
        Instant createdAt,
        Instant statusAt,
        @Nullable Instant runningAt,
        @Nullable Instant endedAt) {

    static AllocationBody of(AllocationView view) {
        return new AllocationBody(
                view.id(),
                view.workloadId(),
                view.workload(),
                view.team(),
                view.revision(),
                view.replica(),
                view.nodeId(),
                view.node(),
                view.nodeLost(),
                view.status().word(),
                view.desired().word(),
                view.attempt(),
                view.exitCode(),
                view.exitUnknown(),
                view.oomKilled(),
                view.reason(),
                view.retryAt(),
                view.ports(),
                view.address(),
                view.verdicts().stream().map(VerdictBody::of).toList(),
                view.createdAt(),
                view.statusAt(),
                view.runningAt(),
                view.endedAt());
    }
}
