package io.flotilla.agent.engine;

import io.flotilla.agent.cgroup.CgroupStats;
import io.flotilla.agent.network.NetworkStats;
import java.util.Optional;

/** What one container has used since its start; no network without a bridge. */
public record ContainerStats(CgroupStats cgroup, Optional<NetworkStats> network) {}
