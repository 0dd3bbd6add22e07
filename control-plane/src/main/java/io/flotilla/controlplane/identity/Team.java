package io.flotilla.controlplane.identity;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * A team with what it may use and uses.
 *
 * @param reserved sum over its desired replicas, never above the quota
 * @param members names of its users, sorted
 */
public record Team(UUID id, String name, Quota quota, Usage reserved, List<String> members, Instant createdAt) {}
