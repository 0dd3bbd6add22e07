package io.flotilla.controlplane.schedule;

import io.flotilla.controlplane.schedule.Plan.Step;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Turns what is desired and what is there into the steps that bring them together. Pure: the same state gives the same
 * plan, and a plan that was carried out leaves nothing to do until the state changes.
 */
public final class Scheduler {

    private Scheduler() {}

    /** Plans for the nodes and for every workload of the state, in the order of their ids. */
    public static Plan schedule(ClusterState state) {
        Fleet fleet = new Fleet(state.nodes());
        List<Step> steps = new ArrayList<>(nodeSteps(fleet));
        Map<UUID, List<AllocationState>> byWorkload = new HashMap<>();
        state.allocations().stream()
                .sorted(Comparator.comparing(AllocationState::id))
                .forEach(allocation -> byWorkload
                        .computeIfAbsent(allocation.workloadId(), id -> new ArrayList<>())
                        .add(allocation));
        state.workloads().stream()
                .sorted(Comparator.comparing(WorkloadState::id))
                .forEach(workload -> steps.addAll(
                        new Slots(fleet, workload, byWorkload.getOrDefault(workload.id(), List.of())).steps()));
        return new Plan(steps, fleet.frozen());
    }

    private static List<Step> nodeSteps(Fleet fleet) {
        List<Step> steps = new ArrayList<>();
        for (NodeState node : fleet.nodes()) {
            if (!node.lost() && fleet.lost(node.id())) {
                steps.add(new Step.NodeLost(node.id()));
            } else if (node.lost() && !fleet.lost(node.id())) {
                steps.add(new Step.NodeBack(node.id()));
            }
        }
        return steps;
    }

    /**
     * Where each replica of a workload that does not exist yet would go.
     *
     * @return one choice for each replica, in order
     */
    public static List<Preview> preview(List<NodeState> nodes, WorkloadState workload) {
        return preview(nodes, List.of(workload)).getFirst();
    }

    /** As above for several workloads, each of which finds those before it in their places. */
    public static List<List<Preview>> preview(List<NodeState> nodes, List<WorkloadState> workloads) {
        Fleet fleet = new Fleet(nodes);
        return workloads.stream().map(workload -> preview(fleet, workload)).toList();
    }

    private static List<Preview> preview(Fleet fleet, WorkloadState workload) {
        Map<UUID, Integer> spread = new HashMap<>();
        List<Preview> previews = new ArrayList<>();
        for (int replica = 1; replica <= workload.replicas(); replica++) {
            Fleet.Choice choice = fleet.choose(workload, spread, null);
            if (choice.nodeId() != null) {
                fleet.take(choice.nodeId(), workload);
                spread.merge(choice.nodeId(), 1, Integer::sum);
            }
            previews.add(new Preview(replica, choice.nodeId(), choice.reason(), choice.verdicts()));
        }
        return previews;
    }

    /** Ids of the workloads that a plan touches. */
    public static Set<UUID> touched(Plan plan, ClusterState state) {
        Map<UUID, UUID> workloadOf = new HashMap<>();
        state.allocations().forEach(allocation -> workloadOf.put(allocation.id(), allocation.workloadId()));
        Set<UUID> ids = new HashSet<>();
        for (Step step : plan.steps()) {
            UUID workload = switch (step) {
                case Step.NodeLost lost -> null;
                case Step.NodeBack back -> null;
                case Step.Create create -> create.workloadId();
                case Step.Place place -> workloadOf.get(place.allocationId());
                case Step.Explain explain -> workloadOf.get(explain.allocationId());
                case Step.Stop stop -> workloadOf.get(stop.allocationId());
                case Step.Lose lose -> workloadOf.get(lose.allocationId());
                case Step.Remove remove -> workloadOf.get(remove.allocationId());
            };
            if (workload != null) {
                ids.add(workload);
            }
        }
        return ids;
    }
}
