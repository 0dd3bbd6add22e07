package io.flotilla.controlplane.schedule;

import java.util.UUID;

/**
 * What the scheduler thinks of one candidate node for one replica.
 *
 * @param fits whether the replica could run there
 * @param chosen whether it will
 * @param sentence why, without the node's name; free of anything that changes by time alone
 */
public record Verdict(UUID nodeId, String node, boolean fits, boolean chosen, String sentence) {}
