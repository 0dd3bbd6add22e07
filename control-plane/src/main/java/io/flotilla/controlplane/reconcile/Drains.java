package io.flotilla.controlplane.reconcile;

import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.schedule.AllocationState;
import io.flotilla.controlplane.schedule.AllocationState.Order;
import io.flotilla.controlplane.schedule.ClusterState;
import io.flotilla.controlplane.schedule.NodeState;
import io.flotilla.controlplane.schedule.Preview;
import io.flotilla.controlplane.schedule.Scheduler;
import io.flotilla.controlplane.schedule.WorkloadState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Says what draining a node would move where, without draining it. */
@Service
public class Drains {

    /**
     * One allocation of the node.
     *
     * @param to name of the node it would move to; null if it would stay because none fits
     * @param reason one sentence
     */
    public record Move(
            UUID allocationId,
            UUID workloadId,
            String workload,
            int replica,
            @Nullable String to,
            String reason) {}

    private final Reconciler reconciler;

    Drains(Reconciler reconciler) {
        this.reconciler = reconciler;
    }

    /** @throws ProblemException if there is no such node */
    public List<Move> preview(UUID nodeId) {
        ClusterState state = reconciler.state();
        NodeState node = state.nodes().stream()
                .filter(each -> each.id().equals(nodeId))
                .findFirst()
                .orElseThrow(() -> ProblemException.notFound("node", nodeId.toString()));
        List<NodeState> others = new ArrayList<>(state.nodes());
        others.remove(node);
        List<Move> moves = new ArrayList<>();
        for (WorkloadState workload : state.workloads()) {
            for (AllocationState a : state.allocations()) {
                if (a.workloadId().equals(workload.id())
                        && nodeId.equals(a.nodeId())
                        && a.order() == Order.RUN
                        && !a.status().isFinal()) {
                    others = move(workload, a, others, moves);
                }
            }
        }
        return moves;
    }

    private static List<NodeState> move(
            WorkloadState workload, AllocationState a, List<NodeState> nodes, List<Move> moves) {
        WorkloadState one = new WorkloadState(
                workload.id(),
                workload.name(),
                workload.wanted(),
                1,
                workload.revision(),
                workload.run(),
                workload.singleton(),
                workload.restart(),
                workload.needs());
        Preview preview = Scheduler.preview(nodes, one).getFirst();
        NodeState target = nodes.stream()
                .filter(node -> node.id().equals(preview.nodeId()))
                .findFirst()
                .orElse(null);
        moves.add(new Move(
                a.id(),
                workload.id(),
                workload.name(),
                a.replica(),
                target == null ? null : target.name(),
                nodes.isEmpty() ? "There is no other node" : preview.reason()));
        return target == null ? nodes : withTaken(nodes, target, workload);
    }

    private static List<NodeState> withTaken(List<NodeState> nodes, NodeState target, WorkloadState workload) {
        List<NodeState> next = new ArrayList<>();
        for (NodeState node : nodes) {
            next.add(node.id().equals(target.id()) ? taken(node, workload) : node);
        }
        return next;
    }

    private static NodeState taken(NodeState n, WorkloadState workload) {
        Map<io.flotilla.controlplane.schedule.HostPort, String> ports = new java.util.HashMap<>(n.ports());
        workload.needs().ports().forEach(port -> ports.put(port, workload.name()));
        return n.holding(n.reserved().plus(workload.needs().size()), ports);
    }
}
