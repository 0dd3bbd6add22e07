package io.flotilla.agent.engine;

import io.flotilla.agent.plan.ContainerId;
import io.flotilla.protocol.PortMapping;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A container as the engine knows it at one moment.
 *
 * @param pid of its first process on the host; null before it is made and after its end
 * @param startedAt when its program began to run
 * @param ports published ports with their host ports
 * @param address on the node's bridge; null when it has none
 * @param exit not null exactly when it is stopped
 */
public record ContainerView(
        ContainerId id,
        ContainerStatus status,
        @Nullable Integer pid,
        @Nullable Instant startedAt,
        List<PortMapping> ports,
        @Nullable String address,
        @Nullable ContainerExit exit) {
    public ContainerView {
        ports = List.copyOf(ports);
    }
}
