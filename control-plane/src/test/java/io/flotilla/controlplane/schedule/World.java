package io.flotilla.controlplane.schedule;

import io.flotilla.controlplane.schedule.AllocationState.Order;
import io.flotilla.controlplane.schedule.Plan.Step;
import io.flotilla.controlplane.schedule.WorkloadState.Wanted;
import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.PortMapping;
import io.flotilla.protocol.RestartPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A cluster in memory that carries plans out as the database would, and whose nodes obey when told to. */
final class World {

    static final long GIB = 1L << 30;

    private final Map<UUID, NodeState> nodes = new LinkedHashMap<>();
    private final Map<UUID, WorkloadState> workloads = new LinkedHashMap<>();
    private final Map<UUID, AllocationState> allocations = new LinkedHashMap<>();
    private long nextId = 1;

    private UUID id() {
        return new UUID(0, nextId++);
    }

    UUID node(String name) {
        return node(name, 4000, 8 * GIB, Map.of());
    }

    UUID node(String name, long cpuMillis, long memory, Map<String, String> labels) {
        UUID id = id();
        nodes.put(
                id,
                new NodeState(
                        id,
                        name,
                        "amd64",
                        true,
                        Duration.ZERO,
                        false,
                        false,
                        false,
                        false,
                        false,
                        labels,
                        new Size(cpuMillis, memory),
                        Size.NONE,
                        Map.of()));
        return id;
    }

    UUID service(String name, int replicas) {
        return workload(name, replicas, false, RestartPolicy.ALWAYS, needs(500, GIB));
    }

    UUID workload(String name, int replicas, boolean singleton, RestartPolicy restart, Needs needs) {
        UUID id = id();
        workloads.put(id, new WorkloadState(id, name, Wanted.RUNNING, replicas, 1, 1, singleton, restart, needs));
        return id;
    }

    static Needs needs(long cpuMillis, long memory, HostPort... ports) {
        return new Needs(new Size(cpuMillis, memory), List.of(ports), Map.of(), Set.of());
    }

    static HostPort tcp(int port) {
        return new HostPort(port, PortMapping.Protocol.TCP);
    }

    void silence(UUID node, int seconds) {
        NodeState n = nodeState(node);
        replace(n, n.heard(), Duration.ofSeconds(seconds), n.lost(), n.fenced(), n.cordoned(), n.draining());
    }

    void cordon(UUID node) {
        NodeState n = nodeState(node);
        replace(n, n.heard(), n.silence(), n.lost(), n.fenced(), true, n.draining());
    }

    void drain(UUID node) {
        NodeState n = nodeState(node);
        replace(n, n.heard(), n.silence(), n.lost(), n.fenced(), true, true);
    }

    void open(UUID node) {
        NodeState n = nodeState(node);
        replace(n, n.heard(), n.silence(), n.lost(), n.fenced(), false, false);
    }

    void fence(UUID node) {
        NodeState n = nodeState(node);
        replace(n, n.heard(), n.silence(), n.lost(), true, n.cordoned(), n.draining());
    }

    private void replace(
            NodeState n,
            boolean heard,
            Duration silence,
            boolean lost,
            boolean fenced,
            boolean cordoned,
            boolean draining) {
        nodes.put(
                n.id(),
                new NodeState(
                        n.id(),
                        n.name(),
                        n.arch(),
                        heard,
                        silence,
                        lost,
                        n.revoked(),
                        fenced,
                        cordoned,
                        draining,
                        n.labels(),
                        n.capacity(),
                        Size.NONE,
                        Map.of()));
    }

    void scale(UUID workload, int replicas) {
        WorkloadState w = workload(workload);
        put(w, w.wanted(), replicas, w.revision(), w.run());
    }

    void update(UUID workload) {
        WorkloadState w = workload(workload);
        put(w, w.wanted(), w.replicas(), w.revision() + 1, w.run());
    }

    void want(UUID workload, Wanted wanted) {
        WorkloadState w = workload(workload);
        put(w, wanted, w.replicas(), w.revision(), wanted == Wanted.RUNNING ? w.run() + 1 : w.run());
    }

    private void put(WorkloadState w, Wanted wanted, int replicas, int revision, int run) {
        workloads.put(
                w.id(),
                new WorkloadState(
                        w.id(), w.name(), wanted, replicas, revision, run, w.singleton(), w.restart(), w.needs()));
    }

    ClusterState state() {
        List<NodeState> counted = new ArrayList<>();
        for (NodeState n : nodes.values()) {
            Size reserved = Size.NONE;
            Map<HostPort, String> ports = new HashMap<>();
            for (AllocationState a : allocations.values()) {
                if (n.id().equals(a.nodeId()) && !a.ended()) {
                    reserved = reserved.plus(a.size());
                    a.ports()
                            .forEach(port ->
                                    ports.put(port, workload(a.workloadId()).name()));
                }
            }
            counted.add(n.holding(reserved, ports));
        }
        return new ClusterState(counted, List.copyOf(workloads.values()), List.copyOf(allocations.values()));
    }

    /** Plans once and carries it out. */
    Plan step() {
        Plan plan = Scheduler.schedule(state());
        plan.steps().forEach(this::carryOut);
        return plan;
    }

    private void carryOut(Step step) {
        switch (step) {
            case Step.NodeLost lost -> lost(lost.nodeId(), true);
            case Step.NodeBack back -> lost(back.nodeId(), false);
            case Step.Create create -> {
                WorkloadState w = workload(create.workloadId());
                AllocStatus status = create.nodeId() == null ? AllocStatus.PENDING : AllocStatus.PLACED;
                UUID id = id();
                allocations.put(
                        id,
                        new AllocationState(
                                id,
                                w.id(),
                                w.revision(),
                                w.run(),
                                create.replica(),
                                create.nodeId(),
                                status,
                                Order.RUN,
                                false,
                                w.needs().size(),
                                w.needs().ports(),
                                create.reason()));
            }
            case Step.Place place -> {
                AllocationState a = allocation(place.allocationId());
                put(a, place.nodeId(), AllocStatus.PLACED, a.order(), false, place.reason());
            }
            case Step.Explain explain -> {
                AllocationState a = allocation(explain.allocationId());
                put(a, a.nodeId(), a.status(), a.order(), a.ended(), explain.reason());
            }
            case Step.Stop stop -> {
                AllocationState a = allocation(stop.allocationId());
                boolean nowhere = a.nodeId() == null;
                put(a, a.nodeId(), nowhere ? AllocStatus.STOPPED : a.status(), Order.STOP, nowhere, stop.reason());
            }
            case Step.Lose lose -> {
                AllocationState a = allocation(lose.allocationId());
                boolean fenced = nodeState(present(a.nodeId())).fenced();
                put(a, a.nodeId(), AllocStatus.LOST, Order.STOP, fenced, lose.reason());
            }
            case Step.Remove remove -> {
                AllocationState a = allocation(remove.allocationId());
                if (a.nodeId() == null) {
                    allocations.remove(a.id());
                } else {
                    put(a, a.nodeId(), a.status(), Order.REMOVE, a.ended(), a.reason());
                }
            }
        }
    }

    private void lost(UUID node, boolean lost) {
        NodeState n = nodeState(node);
        replace(n, n.heard(), n.silence(), lost, n.fenced(), n.cordoned(), n.draining());
    }

    private void put(
            AllocationState a,
            @Nullable UUID node,
            AllocStatus status,
            Order order,
            boolean ended,
            @Nullable String reason) {
        allocations.put(
                a.id(),
                new AllocationState(
                        a.id(),
                        a.workloadId(),
                        a.revision(),
                        a.run(),
                        a.replica(),
                        node,
                        status,
                        order,
                        ended,
                        a.size(),
                        a.ports(),
                        reason));
    }

    /** Every node that is heard does what it is told, at once. */
    void obey() {
        nodes.keySet().forEach(this::obey);
    }

    void obey(UUID node) {
        if (nodeState(node).silence().compareTo(NodeState.STALE_AFTER) >= 0) {
            return;
        }
        for (AllocationState a : List.copyOf(allocations.values())) {
            if (!node.equals(a.nodeId())) {
                continue;
            }
            switch (a.order()) {
                case RUN -> {
                    if (!a.status().isFinal() && a.status() != AllocStatus.RUNNING) {
                        put(a, node, AllocStatus.RUNNING, a.order(), false, null);
                    }
                }
                case STOP ->
                    put(a, node, a.status().isFinal() ? a.status() : AllocStatus.STOPPED, a.order(), true, a.reason());
                case REMOVE -> allocations.remove(a.id());
            }
        }
    }

    /** An allocation ends by itself. */
    void end(UUID allocation, AllocStatus status) {
        AllocationState a = allocation(allocation);
        put(a, a.nodeId(), status, a.order(), true, a.reason());
    }

    /** Plans and obeys until there is nothing left to do. */
    void settle() {
        for (int round = 0; round < 60; round++) {
            boolean idle = step().isEmpty();
            List<AllocationState> before = List.copyOf(allocations.values());
            obey();
            if (idle && before.equals(List.copyOf(allocations.values()))) {
                return;
            }
        }
        throw new AssertionError("does not settle: " + Scheduler.schedule(state()));
    }

    List<AllocationState> of(UUID workload) {
        return allocations.values().stream()
                .filter(a -> a.workloadId().equals(workload))
                .toList();
    }

    /** Replicas that run in truth, also on silent nodes. */
    List<AllocationState> running(UUID workload) {
        return of(workload).stream()
                .filter(a -> a.status() == AllocStatus.RUNNING && !a.ended())
                .toList();
    }

    List<String> places(UUID workload) {
        return running(workload).stream()
                .map(a -> nodeState(present(a.nodeId())).name())
                .sorted()
                .toList();
    }

    List<UUID> nodeIds() {
        return List.copyOf(nodes.keySet());
    }

    NodeState nodeState(UUID id) {
        return present(nodes.get(id));
    }

    WorkloadState workload(UUID id) {
        return present(workloads.get(id));
    }

    private AllocationState allocation(UUID id) {
        return present(allocations.get(id));
    }

    static <T> T present(@Nullable T value) {
        if (value == null) {
            throw new AssertionError("nothing there");
        }
        return value;
    }
}
