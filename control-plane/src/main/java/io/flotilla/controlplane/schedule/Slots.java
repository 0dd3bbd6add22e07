package io.flotilla.controlplane.schedule;

import io.flotilla.controlplane.schedule.AllocationState.Order;
import io.flotilla.controlplane.schedule.Plan.Step;
import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.RestartPolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Plans one workload. Every replica number is a slot; a slot is served when one allocation of the current revision runs
 * on a node that is there to stay. Until then whatever runs in the slot goes on, and a successor is started beside it:
 * the same rule covers updates, draining and lost nodes, so that none of them lowers the number that runs.
 */
final class Slots {

    /** Ended allocations that are kept for their logs, at least. */
    static final int KEPT = 5;

    private final Fleet fleet;
    private final WorkloadState workload;
    private final List<AllocationState> all;
    private final Map<UUID, Integer> spread = new HashMap<>();
    private final Set<UUID> dismissed = new HashSet<>();
    private final List<Step> steps = new ArrayList<>();
    private boolean updating;

    /** @param all in the order of their ids */
    Slots(Fleet fleet, WorkloadState workload, List<AllocationState> all) {
        this.fleet = fleet;
        this.workload = workload;
        this.all = all;
        for (AllocationState allocation : all) {
            UUID nodeId = allocation.nodeId();
            if (allocation.live() && nodeId != null && !fleet.lost(nodeId)) {
                spread.merge(nodeId, 1, Integer::sum);
            }
        }
    }

    List<Step> steps() {
        switch (workload.wanted()) {
            case DELETED -> all.stream().filter(a -> a.order() != Order.REMOVE).forEach(this::remove);
            case STOPPED -> {
                live().forEach(a -> stop(a, "The workload is stopped"));
                forget();
            }
            case RUNNING -> {
                live().stream()
                        .filter(a -> a.replica() > workload.replicas())
                        .forEach(a -> stop(a, "The workload is scaled to " + workload.replicas()));
                updating = updateInFlight();
                for (int replica = 1; replica <= workload.replicas(); replica++) {
                    serve(replica);
                }
                forget();
            }
        }
        return steps;
    }

    private List<AllocationState> live() {
        return all.stream().filter(AllocationState::live).toList();
    }

    private List<AllocationState> live(int replica) {
        return all.stream().filter(a -> a.live() && a.replica() == replica).toList();
    }

    private boolean current(AllocationState a) {
        return a.revision() == workload.revision();
    }

    /** On a node that is there and is to keep it. */
    private boolean settledPlace(AllocationState a) {
        return a.nodeId() != null && !fleet.lost(a.nodeId()) && !fleet.draining(a.nodeId());
    }

    /** A successor of an older revision is on its way: updates go one replica at a time. */
    private boolean updateInFlight() {
        return live().stream()
                .filter(a -> current(a) && a.status() != AllocStatus.RUNNING && a.replica() <= workload.replicas())
                .anyMatch(a -> live(a.replica()).stream().anyMatch(other -> !current(other)));
    }

    private void serve(int replica) {
        List<AllocationState> slot = live(replica);
        AllocationState keeper = slot.stream()
                .filter(a -> current(a) && settledPlace(a) && a.status() == AllocStatus.RUNNING)
                .findFirst()
                .orElse(null);
        if (keeper != null) {
            clear(slot, keeper, "Replica " + replica + " runs on " + fleet.name(keeper.nodeId()));
            return;
        }
        AllocationState coming = slot.stream()
                .filter(a -> current(a) && (a.nodeId() == null || settledPlace(a)))
                .findFirst()
                .orElse(null);
        if (coming != null) {
            await(slot, coming);
        } else if (!slot.isEmpty()) {
            succeed(slot, replica);
        } else if (!settled(replica)) {
            create(replica);
        }
    }

    /** Ends every other allocation of the slot, now that one serves it. */
    private void clear(List<AllocationState> slot, AllocationState keeper, String why) {
        for (AllocationState a : slot) {
            if (a.id().equals(keeper.id())) {
                continue;
            }
            if (fleet.lost(a.nodeId())) {
                steps.add(new Step.Lose(a.id(), fleet.name(a.nodeId()) + " is lost. " + why));
            } else {
                stop(a, why);
            }
        }
    }

    private void await(List<AllocationState> slot, AllocationState coming) {
        for (AllocationState a : slot) {
            boolean idle = a.status() != AllocStatus.RUNNING && !fleet.lost(a.nodeId());
            if (!a.id().equals(coming.id()) && idle) {
                stop(a, current(a) ? "Replica " + a.replica() + " is already on its way" : superseded());
            }
        }
        if (coming.nodeId() != null) {
            return;
        }
        String wait = mustWait(coming.replica());
        if (wait != null) {
            explain(coming, wait, List.of());
            return;
        }
        Fleet.Choice choice = fleet.choose(workload, spread, null);
        if (choice.nodeId() == null) {
            explain(coming, choice.reason(), choice.verdicts());
        } else {
            taken(choice.nodeId());
            steps.add(new Step.Place(coming.id(), choice.nodeId(), choice.reason(), choice.verdicts()));
        }
    }

    private String superseded() {
        return "Revision " + workload.revision() + " takes its place";
    }

    /** Something runs in the slot, but of an older revision, or on a node that is lost or draining. */
    private void succeed(List<AllocationState> slot, int replica) {
        AllocationState first = slot.getFirst();
        boolean reachable = slot.stream().anyMatch(a -> !fleet.lost(a.nodeId()));
        if (!reachable) {
            replaceLost(slot, first, replica);
            return;
        }
        AllocationState serving =
                slot.stream().filter(a -> !fleet.lost(a.nodeId())).findFirst().orElse(first);
        if (serving.nodeId() == null) {
            stop(serving, superseded());
            return;
        }
        if (current(serving)) {
            move(serving, replica, fleet.name(serving.nodeId()) + " is draining", false);
        } else if (!updating || fleet.draining(serving.nodeId())) {
            move(serving, replica, superseded(), true);
        }
    }

    private void replaceLost(List<AllocationState> slot, AllocationState first, int replica) {
        String node = fleet.name(first.nodeId());
        boolean fenced = slot.stream().allMatch(a -> fleet.fenced(a.nodeId()));
        if (fenced) {
            slot.forEach(a -> {
                steps.add(new Step.Lose(a.id(), node + " is confirmed dead"));
                dismissed.add(a.id());
            });
            if (workload.restart() != RestartPolicy.NEVER) {
                create(replica);
            }
            return;
        }
        if (fleet.frozen() != null) {
            explain(first, node + " is lost. " + fleet.frozen(), List.of());
        } else if (workload.restart() == RestartPolicy.NEVER) {
            explain(first, node + " is lost, and this workload is never run twice", List.of());
        } else if (workload.singleton()) {
            explain(
                    first,
                    node + " is lost. A singleton is replaced only when " + node
                            + " reports it stopped or an operator confirms " + node + " dead",
                    List.of());
        } else {
            Fleet.Choice choice = fleet.choose(workload, spread, null);
            if (choice.nodeId() == null) {
                explain(first, node + " is lost. " + choice.reason(), choice.verdicts());
            } else {
                created(replica, choice, first.id());
            }
        }
    }

    /** Starts a successor beside an allocation that goes on until it runs; ends the old one first if nothing else helps. */
    private void move(AllocationState old, int replica, String why, boolean update) {
        Fleet.Choice choice = fleet.choose(workload, spread, null);
        if (choice.nodeId() != null && !workload.singleton()) {
            created(replica, choice, old.id());
            updating |= update;
            return;
        }
        Fleet.Choice without = fleet.choose(workload, spread, old);
        if (without.nodeId() != null) {
            stop(old, why);
            updating |= update;
        } else {
            explain(old, why + ". " + without.reason(), without.verdicts());
        }
    }

    /** Whether the slot's last allocation ended for good and nobody has asked for it again. */
    private boolean settled(int replica) {
        return all.stream()
                .filter(a -> a.replica() == replica && a.run() == workload.run() && current(a))
                .filter(a -> !dismissed.contains(a.id()))
                .anyMatch(a -> a.status() == AllocStatus.COMPLETED
                        || a.status() == AllocStatus.FAILED
                        || (a.status() == AllocStatus.LOST && workload.restart() == RestartPolicy.NEVER));
    }

    /** Null, or why a singleton's next allocation may not start yet. */
    private @Nullable String mustWait(int replica) {
        if (!workload.singleton()) {
            return null;
        }
        return all.stream()
                .filter(a -> a.replica() == replica && !a.ended() && a.nodeId() != null && !fleet.fenced(a.nodeId()))
                .findFirst()
                .map(a -> "Waits until " + fleet.name(a.nodeId()) + " reports the earlier one stopped")
                .orElse(null);
    }

    private void create(int replica) {
        String wait = mustWait(replica);
        if (wait != null) {
            steps.add(new Step.Create(workload.id(), replica, null, null, wait, List.of()));
            return;
        }
        Fleet.Choice choice = fleet.choose(workload, spread, null);
        created(replica, choice, null);
    }

    private void created(int replica, Fleet.Choice choice, @Nullable UUID successorOf) {
        if (choice.nodeId() != null) {
            taken(choice.nodeId());
        }
        steps.add(new Step.Create(
                workload.id(), replica, choice.nodeId(), successorOf, choice.reason(), choice.verdicts()));
    }

    private void taken(UUID nodeId) {
        fleet.take(nodeId, workload);
        spread.merge(nodeId, 1, Integer::sum);
    }

    private void stop(AllocationState a, String why) {
        steps.add(new Step.Stop(a.id(), why));
    }

    private void remove(AllocationState a) {
        steps.add(new Step.Remove(a.id()));
    }

    private void explain(AllocationState a, String reason, List<Verdict> verdicts) {
        if (!Objects.equals(a.reason(), reason)) {
            steps.add(new Step.Explain(a.id(), reason, verdicts));
        }
    }

    /** Lets go of the oldest ended allocations; what is newest is kept for its logs. */
    private void forget() {
        all.stream()
                .filter(a -> a.status().isFinal() && a.ended() && a.order() != Order.REMOVE)
                .sorted(Comparator.comparing(AllocationState::id).reversed())
                .skip(Math.max(KEPT, workload.replicas()))
                .forEach(this::remove);
    }
}
