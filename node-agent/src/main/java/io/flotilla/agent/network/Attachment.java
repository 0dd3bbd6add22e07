package io.flotilla.agent.network;

import io.flotilla.protocol.PortMapping;
import java.util.ArrayList;
import java.util.List;

/**
 * What a container has on the bridge.
 *
 * @param address its address, in {@code subnet}
 * @param hostName the name that it has for itself
 * @param team the team whose containers see its names
 * @param aliases further names for its peers
 * @param ports what is published; no host port is null
 * @param namespaceInode tells the network namespace that it was made for from any other of this boot
 */
public record Attachment(
        String containerId,
        Ipv4 address,
        Subnet subnet,
        String hostName,
        String team,
        List<String> aliases,
        List<PortMapping> ports,
        long namespaceInode) {

    public Attachment {
        aliases = List.copyOf(aliases);
        ports = List.copyOf(ports);
    }

    /** The container's default route. */
    public Ipv4 gateway() {
        return subnet.gateway();
    }

    /** The names that lead to its address, its own host name first. */
    List<String> names() {
        var names = new ArrayList<String>();
        names.add(hostName);
        names.addAll(aliases);
        return names.stream().distinct().toList();
    }
}
