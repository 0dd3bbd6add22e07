package io.flotilla.controlplane.schedule;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one replica needs of its node.
 *
 * @param ports fixed ports of the node; ports that the agent may pick are not listed
 * @param constraints labels that the node must have, with these values
 * @param architectures that the image has, as OCI names them; empty: unknown, any will do
 */
public record Needs(Size size, List<HostPort> ports, Map<String, String> constraints, Set<String> architectures) {

    public Needs {
        ports = List.copyOf(ports);
        constraints = Map.copyOf(constraints);
        architectures = Set.copyOf(architectures);
    }
}
