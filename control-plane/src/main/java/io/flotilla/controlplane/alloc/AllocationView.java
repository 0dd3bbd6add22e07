package io.flotilla.controlplane.alloc;

import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.schedule.AllocationState.Order;
import io.flotilla.controlplane.schedule.Size;
import io.flotilla.controlplane.schedule.Verdict;
import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.PortMapping;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An allocation as it is shown.
 *
 * @param revision the number of the revision that it runs
 * @param replica which replica of the workload it is, from 1
 * @param nodeId null while it is pending
 * @param nodeLost its node was given up: the status is what it last reported, and nothing serves in it
 * @param status observed
 * @param desired what its node is told
 * @param attempt from 1; 0 before the node has reported one
 * @param exitCode null until the attempt has ended, and null with {@code exitUnknown}; death by signal n is 128+n
 * @param reason one sentence: why it is where it is; null when there is nothing to explain
 * @param retryAt when the next attempt is due; counts only while the status is backoff
 * @param ports published ports with their host port, once the node has reported them; before that as asked for
 * @param address on the node's bridge; null while it has none
 * @param size what it reserves
 * @param verdicts what the scheduler thought of every candidate node
 * @param ended nothing of it runs any more
 * @param runningAt when it was first reported running
 */
public record AllocationView(
        UUID id,
        UUID workloadId,
        String workload,
        UUID teamId,
        String team,
        int revision,
        int replica,
        @Nullable UUID nodeId,
        @Nullable String node,
        boolean nodeLost,
        AllocStatus status,
        Order desired,
        int attempt,
        @Nullable Integer exitCode,
        boolean exitUnknown,
        boolean oomKilled,
        @Nullable String reason,
        @Nullable Instant retryAt,
        List<PortMapping> ports,
        @Nullable String address,
        Size size,
        List<Verdict> verdicts,
        boolean ended,
        Instant createdAt,
        Instant statusAt,
        @Nullable Instant runningAt,
        @Nullable Instant endedAt) {

    public AllocationView {
        ports = List.copyOf(ports);
        verdicts = List.copyOf(verdicts);
    }

    /** @throws ProblemException while it is pending */
    public UUID requireNode() {
        if (nodeId == null) {
            throw ProblemException.conflict(null, "allocation " + id + " is pending; it has no node yet");
        }
        return nodeId;
    }

    /** Whether the newest attempt has ended, known or unknown how. */
    public boolean exited() {
        return exitCode != null || exitUnknown;
    }

    /** Attempts after the first one. */
    public int restarts() {
        return Math.max(0, attempt - 1);
    }
}
