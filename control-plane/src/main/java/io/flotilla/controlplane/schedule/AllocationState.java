package io.flotilla.controlplane.schedule;

import io.flotilla.protocol.AllocStatus;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One allocation as the scheduler sees it.
 *
 * @param run the workload's run in which it was made
 * @param replica which replica of the workload it is, from 1; a successor has the same number
 * @param nodeId null while it is pending
 * @param order what its node is told
 * @param ended its node has reported the end, or it never got a node: nothing of it runs
 * @param size and ports: what it holds on its node until it has ended
 * @param reason the sentence that is shown with it now
 */
public record AllocationState(
        UUID id,
        UUID workloadId,
        int revision,
        int run,
        int replica,
        @Nullable UUID nodeId,
        AllocStatus status,
        Order order,
        boolean ended,
        Size size,
        List<HostPort> ports,
        @Nullable String reason) {

    /** What the NodeSpec says about the allocation. */
    public enum Order {
        RUN,
        STOP,
        REMOVE;

        /** The word used in JSON and the database. */
        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        public static Order of(String word) {
            return valueOf(word.toUpperCase(java.util.Locale.ROOT));
        }
    }

    public AllocationState {
        ports = List.copyOf(ports);
    }

    /** Whether it runs or may yet run. */
    boolean live() {
        return order == Order.RUN && !status.isFinal();
    }
}
