package io.flotilla.agent.plan;

import io.flotilla.protocol.PortMapping;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A container as it is found on the host.
 *
 * @param startedAt null before its process runs
 * @param ports published ports with their host ports
 * @param address on the node's bridge; null when it has none
 * @param exit null while it has not ended
 */
public record ObservedContainer(
        ContainerId id,
        @Nullable Instant startedAt,
        List<PortMapping> ports,
        @Nullable String address,
        @Nullable Exit exit) {

    public ObservedContainer {
        ports = List.copyOf(ports);
    }

    /** Whether its first process runs (it may be paused). */
    public boolean runs() {
        return startedAt != null && exit == null;
    }
}
