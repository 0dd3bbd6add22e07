package io.flotilla.controlplane.schedule;

import java.util.List;

/**
 * Everything that the scheduler looks at. The nodes are all nodes; the workloads may be a part of all, since what the
 * others hold stands in the nodes' reservations.
 *
 * @param allocations of these workloads, those that their node has not yet reported removed
 */
public record ClusterState(List<NodeState> nodes, List<WorkloadState> workloads, List<AllocationState> allocations) {

    public ClusterState {
        nodes = List.copyOf(nodes);
        workloads = List.copyOf(workloads);
        allocations = List.copyOf(allocations);
    }
}
