package io.flotilla.agent.network;

import io.flotilla.agent.kernel.Fd;
import io.flotilla.protocol.PortMapping;
import java.util.List;

/**
 * What a container shall have on the bridge.
 *
 * @param containerId the container's id, {@code <allocation>-<attempt>}
 * @param namespace its network namespace, as opened from {@code /proc/<pid>/ns/net}; stays the caller's
 * @param hostName the name that it has for itself
 * @param team containers of other teams do not see its names
 * @param aliases further names by which its peers find it, as the workload's
 * @param ports what to publish; a null host port is picked
 */
public record AttachRequest(
        String containerId, Fd namespace, String hostName, String team, List<String> aliases, List<PortMapping> ports) {

    public AttachRequest {
        aliases = List.copyOf(aliases);
        ports = List.copyOf(ports);
    }
}
