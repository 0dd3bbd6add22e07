package io.flotilla.controlplane.schedule;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A node as the scheduler sees it. Revoked nodes that run nothing any more are not part of the state.
 *
 * @param arch as OCI names it: {@code amd64}, {@code arm64}
 * @param heard whether the deciding process has heard the node since it began to listen
 * @param silence since the node was last heard, or since the listening began; measured on the monotonic clock
 * @param lost what the database says: the node was given up and has not come back
 * @param revoked its key is no longer accepted; it will never be heard again
 * @param fenced an operator has confirmed that nothing runs there any more
 * @param reserved by every allocation, of every team, that the node has not reported ended
 * @param ports fixed ports in use, with the name of the workload that holds each
 */
public record NodeState(
        UUID id,
        String name,
        String arch,
        boolean heard,
        Duration silence,
        boolean lost,
        boolean revoked,
        boolean fenced,
        boolean cordoned,
        boolean draining,
        Map<String, String> labels,
        Size capacity,
        Size reserved,
        Map<HostPort, String> ports) {

    /** From this silence on a node gets nothing new, and counts as silent. */
    public static final Duration STALE_AFTER = Duration.ofSeconds(6);

    /** From this silence on a node is lost, unless too many are silent at once. */
    public static final Duration LOST_AFTER = Duration.ofSeconds(15);

    public NodeState {
        labels = Map.copyOf(labels);
        ports = Map.copyOf(ports);
    }

    /** The same node with other things on it. */
    public NodeState holding(Size nowReserved, Map<HostPort, String> nowPorts) {
        return new NodeState(
                id,
                name,
                arch,
                heard,
                silence,
                lost,
                revoked,
                fenced,
                cordoned,
                draining,
                labels,
                capacity,
                nowReserved,
                nowPorts);
    }

    boolean silent() {
        return revoked || !heard || silence.compareTo(STALE_AFTER) >= 0;
    }

    boolean overdue() {
        return revoked || silence.compareTo(LOST_AFTER) >= 0;
    }

    /** The holder of a port, null while it is free. */
    @Nullable
    String holder(HostPort port) {
        return ports.get(port);
    }
}
