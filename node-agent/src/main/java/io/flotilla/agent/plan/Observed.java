package io.flotilla.agent.plan;

import io.flotilla.protocol.Digest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What is, as far as the host and the journal know.
 *
 * @param bootId of the running kernel; what was recorded under another one did not survive
 * @param images digests that are complete on this host
 * @param states what the journal says of each allocation
 * @param containers what was found on the host
 */
public record Observed(
        String bootId, Set<Digest> images, Map<UUID, AllocationState> states, List<ObservedContainer> containers) {

    public Observed {
        images = Set.copyOf(images);
        states = Map.copyOf(states);
        containers = List.copyOf(containers);
    }
}
