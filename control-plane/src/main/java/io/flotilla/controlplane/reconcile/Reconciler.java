package io.flotilla.controlplane.reconcile;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.database.NotificationStore;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.schedule.AllocationState;
import io.flotilla.controlplane.schedule.ClusterState;
import io.flotilla.controlplane.schedule.NodeState;
import io.flotilla.controlplane.schedule.Plan;
import io.flotilla.controlplane.schedule.Plan.Step;
import io.flotilla.controlplane.schedule.Preview;
import io.flotilla.controlplane.schedule.Scheduler;
import io.flotilla.controlplane.schedule.WorkloadState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/**
 * Plans and carries out. A person's change is planned inside its own transaction; everything else is found by looking at
 * the whole state again and again, so that no message has to arrive for the cluster to converge.
 */
@Service
public class Reconciler {

    private final ClusterStore cluster;
    private final PlanStore plans;
    private final Transactions transactions;
    private final AuditLog audit;
    private final NotificationStore notifications;

    Reconciler(
            ClusterStore cluster,
            PlanStore plans,
            Transactions transactions,
            AuditLog audit,
            NotificationStore notifications) {
        this.cluster = cluster;
        this.plans = plans;
        this.transactions = transactions;
        this.audit = audit;
        this.notifications = notifications;
    }

    /**
     * Plans one workload and writes the plan, in the caller's transaction, which holds the team's lock.
     *
     * @param restart whether everything that lives shall be restarted as well
     */
    public void place(UUID workload, boolean restart) {
        cluster.lockNodes();
        ClusterState state = cluster.state(workload);
        Plan plan = forWorkloads(Scheduler.schedule(state));
        plan.steps().forEach(step -> plans.carryOut(step, state));
        if (restart) {
            plans.restart(workload);
        }
        hint(state, plan, restart ? workload : null);
    }

    /** Where the replicas of workloads that do not exist yet would go, one list for each workload. */
    public List<List<Preview>> preview(List<WorkloadState> workloads) {
        return Scheduler.preview(cluster.nodes(), workloads);
    }

    /** Nodes as the scheduler sees them. */
    List<NodeState> nodes() {
        return cluster.nodes();
    }

    /** The whole state, without locks. */
    ClusterState state() {
        return cluster.state(null);
    }

    /**
     * Looks at everything once and does what is to be done.
     *
     * @param fence checked first in every transaction; false ends the work
     * @return whether anything was done
     */
    boolean sweep(BooleanSupplier fence) {
        ClusterState state = cluster.state(null);
        Plan plan = Scheduler.schedule(state);
        boolean done = false;
        for (Step step : plan.steps()) {
            if (step instanceof Step.NodeLost || step instanceof Step.NodeBack) {
                done |= nodeStep(step, state, fence);
            }
        }
        for (UUID workload : new TreeSet<>(Scheduler.touched(plan, state))) {
            done |= sweepWorkload(workload, fence);
        }
        for (UUID node : plans.deadNodes()) {
            done |= transactions.call(() -> {
                if (!fence.getAsBoolean()) {
                    return false;
                }
                plans.lockNode(node);
                plans.endOnDeadNode(node);
                notifications.send("node", node.toString());
                return true;
            });
        }
        if (cluster.unclean()) {
            transactions.run(() -> {
                if (fence.getAsBoolean()) {
                    cluster.clean();
                }
            });
        }
        return done;
    }

    /** Jobs that ended and still count in their team's reservation. */
    public List<UUID> settledJobs() {
        return cluster.settledJobs();
    }

    private boolean nodeStep(Step step, ClusterState state, BooleanSupplier fence) {
        UUID id = step instanceof Step.NodeLost lost ? lost.nodeId() : ((Step.NodeBack) step).nodeId();
        boolean lost = step instanceof Step.NodeLost;
        NodeState node = state.nodes().stream()
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElseThrow();
        return transactions.call(() -> {
            if (!fence.getAsBoolean()) {
                return false;
            }
            plans.lockNode(id);
            plans.carryOut(step, state);
            String detail = lost ? lostSentence(node) : "Heard again";
            plans.nodeEvent(id, lost ? "lost" : "back", detail);
            notifications.send("node", id.toString());
            Target target = Target.of("node", id, node.name());
            audit.record(Actor.system(), lost ? "node.lost" : "node.back", target, null, Map.of("detail", detail));
            return true;
        });
    }

    private static String lostSentence(NodeState node) {
        return node.revoked() || node.fenced()
                ? "Given up by an operator"
                : "Not heard for " + NodeState.LOST_AFTER.toSeconds() + " s";
    }

    private boolean sweepWorkload(UUID workload, BooleanSupplier fence) {
        return transactions.call(() -> {
            if (!fence.getAsBoolean()) {
                return false;
            }
            cluster.lockTeamOf(workload);
            cluster.lockNodes();
            ClusterState state = cluster.state(workload);
            Plan plan = forWorkloads(Scheduler.schedule(state));
            plan.steps().forEach(step -> plans.carryOut(step, state));
            hint(state, plan, null);
            record(workload, state, plan);
            return !plan.isEmpty();
        });
    }

    /** Nodes are lost and found by the sweep only, each in a transaction of its own. */
    private static Plan forWorkloads(Plan plan) {
        return new Plan(
                plan.steps().stream()
                        .filter(step -> !(step instanceof Step.NodeLost || step instanceof Step.NodeBack))
                        .toList(),
                plan.frozen());
    }

    /** The system's own decisions stand in the audit log too; that a sentence changed is no decision. */
    private void record(UUID workload, ClusterState state, Plan plan) {
        List<String> decisions = new ArrayList<>();
        for (Step step : plan.steps()) {
            switch (step) {
                case Step.Create create -> decisions.add("replica " + create.replica() + ": " + create.reason());
                case Step.Place place -> decisions.add(place.allocationId() + ": " + place.reason());
                case Step.Stop stop -> decisions.add(stop.allocationId() + " stops: " + stop.reason());
                case Step.Lose lose -> decisions.add(lose.allocationId() + " is lost: " + lose.reason());
                case Step.Explain explain -> {}
                case Step.Remove remove -> {}
                case Step.NodeLost lost -> {}
                case Step.NodeBack back -> {}
            }
        }
        if (!decisions.isEmpty()) {
            WorkloadState of = state.workloads().getFirst();
            Target target = new Target("workload", workload.toString(), of.name(), cluster.team(workload));
            audit.record(Actor.system(), "workload.place", target, null, Map.of("decisions", decisions));
        }
    }

    private void hint(ClusterState state, Plan plan, @Nullable UUID restarted) {
        Map<UUID, UUID> nodeOf = new HashMap<>();
        for (AllocationState allocation : state.allocations()) {
            UUID node = allocation.nodeId();
            if (node != null) {
                nodeOf.put(allocation.id(), node);
            }
        }
        Set<UUID> nodes = new TreeSet<>();
        for (Step step : plan.steps()) {
            UUID node = switch (step) {
                case Step.Create create -> create.nodeId();
                case Step.Place place -> place.nodeId();
                case Step.Stop stop -> nodeOf.get(stop.allocationId());
                case Step.Lose lose -> nodeOf.get(lose.allocationId());
                case Step.Remove remove -> nodeOf.get(remove.allocationId());
                case Step.Explain explain -> null;
                case Step.NodeLost lost -> null;
                case Step.NodeBack back -> null;
            };
            if (node != null) {
                nodes.add(node);
            }
        }
        if (restarted != null) {
            nodes.addAll(nodeOf.values());
        }
        nodes.forEach(node -> notifications.send("node", node.toString()));
        Scheduler.touched(plan, state).forEach(workload -> notifications.send("workload", workload.toString()));
    }
}
