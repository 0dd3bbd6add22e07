package io.flotilla.controlplane.schedule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The nodes with the room that is left while a plan is being made. */
final class Fleet {

    /** One node and what the plan has put on it so far. */
    private static final class Room {

        final NodeState node;
        Size free;
        final Map<HostPort, String> ports;

        Room(NodeState node) {
            this.node = node;
            free = node.capacity().minus(node.reserved());
            ports = new HashMap<>(node.ports());
        }
    }

    /**
     * The answer for one replica.
     *
     * @param nodeId null if none fits
     */
    record Choice(@Nullable UUID nodeId, List<Verdict> verdicts) {

        /** The chosen node's sentence, or why none fits. */
        String reason() {
            for (Verdict verdict : verdicts) {
                if (verdict.chosen()) {
                    return verdict.node() + ": " + verdict.sentence();
                }
            }
            return none(verdicts);
        }

        private static String none(List<Verdict> verdicts) {
            if (verdicts.isEmpty()) {
                return "There is no node yet";
            }
            StringBuilder text = new StringBuilder("No node fits: ");
            int shown = Math.min(verdicts.size(), 4);
            for (int i = 0; i < shown; i++) {
                Verdict verdict = verdicts.get(i);
                text.append(i == 0 ? "" : "; ").append(verdict.node()).append(": ");
                text.append(verdict.sentence());
            }
            int more = verdicts.size() - shown;
            return more == 0 ? text.toString() : text + "; and " + more + " more";
        }
    }

    private final Map<UUID, Room> rooms = new LinkedHashMap<>();
    private final Set<UUID> lost = new HashSet<>();
    private final @Nullable String frozen;

    Fleet(List<NodeState> nodes) {
        nodes.stream()
                .sorted(Comparator.comparing(NodeState::name).thenComparing(NodeState::id))
                .forEach(node -> rooms.put(node.id(), new Room(node)));
        List<NodeState> counted = nodes.stream().filter(node -> !node.revoked()).toList();
        long silent = counted.stream()
                .filter(node -> !node.fenced())
                .filter(node -> node.silent() || node.lost())
                .count();
        frozen = 2 * silent > counted.size()
                ? "Nothing is moved off silent nodes while " + silent + " of " + counted.size() + " are silent"
                : null;
        for (NodeState node : nodes) {
            boolean heard = !node.silent();
            boolean given = (node.lost() && !heard) || (node.overdue() && (frozen == null || node.revoked()));
            if (given || node.fenced()) {
                lost.add(node.id());
            }
        }
    }

    /** Null, or why lost nodes' allocations are left alone. */
    @Nullable
    String frozen() {
        return frozen;
    }

    List<NodeState> nodes() {
        return rooms.values().stream().map(room -> room.node).toList();
    }

    boolean lost(@Nullable UUID nodeId) {
        return nodeId != null && (lost.contains(nodeId) || !rooms.containsKey(nodeId));
    }

    boolean fenced(@Nullable UUID nodeId) {
        Room room = room(nodeId);
        return room != null && room.node.fenced();
    }

    boolean draining(@Nullable UUID nodeId) {
        Room room = room(nodeId);
        return room != null && room.node.draining();
    }

    String name(@Nullable UUID nodeId) {
        Room room = room(nodeId);
        return room == null ? "a node that is gone" : room.node.name();
    }

    private @Nullable Room room(@Nullable UUID nodeId) {
        return nodeId == null ? null : rooms.get(nodeId);
    }

    void take(UUID nodeId, WorkloadState workload) {
        Room room = rooms.get(nodeId);
        if (room != null) {
            room.free = room.free.minus(workload.needs().size());
            workload.needs().ports().forEach(port -> room.ports.put(port, workload.name()));
        }
    }

    /**
     * Judges every node for one more replica.
     *
     * @param spread how many replicas of the workload each node counts already
     * @param without judge as if this allocation had ended; null: as things are
     */
    Choice choose(WorkloadState workload, Map<UUID, Integer> spread, @Nullable AllocationState without) {
        Comparator<Room> order = Comparator.<Room>comparingInt(room -> spread.getOrDefault(room.node.id(), 0))
                .thenComparing(Comparator.<Room>comparingDouble(room -> share(room, workload))
                        .reversed())
                .thenComparing(room -> room.node.name())
                .thenComparing(room -> room.node.id());
        Room best = null;
        Map<UUID, @Nullable String> objections = new HashMap<>();
        for (Room room : rooms.values()) {
            String objection = objection(room, workload, without);
            objections.put(room.node.id(), objection);
            if (objection == null && (best == null || order.compare(room, best) < 0)) {
                best = room;
            }
        }
        List<Verdict> verdicts = new ArrayList<>();
        for (Room room : rooms.values()) {
            if (!room.node.revoked()) {
                String objection = objections.get(room.node.id());
                verdicts.add(verdict(room, best, objection, workload, spread));
            }
        }
        return new Choice(best == null ? null : best.node.id(), verdicts);
    }

    private static Verdict verdict(
            Room room,
            @Nullable Room best,
            @Nullable String objection,
            WorkloadState workload,
            Map<UUID, Integer> spread) {
        boolean chosen = best != null && room.node.id().equals(best.node.id());
        String sentence;
        if (objection != null) {
            sentence = objection;
        } else if (best == null || chosen) {
            sentence = chosenSentence(room, workload, spread);
        } else {
            sentence = passedOver(room, best, spread);
        }
        return new Verdict(room.node.id(), room.node.name(), objection == null, chosen, sentence);
    }

    private static String chosenSentence(Room room, WorkloadState workload, Map<UUID, Integer> spread) {
        int here = spread.getOrDefault(room.node.id(), 0);
        Size left = room.free.minus(workload.needs().size());
        String crowd =
                here == 0 ? "runs none of this workload yet" : "runs " + here + " of this workload, no node fewer";
        return crowd + "; " + Amounts.cores(left.cpuMillis()) + " and " + Amounts.bytes(left.memoryBytes())
                + " of memory are left afterwards";
    }

    private static String passedOver(Room room, Room best, Map<UUID, Integer> spread) {
        int here = spread.getOrDefault(room.node.id(), 0);
        int there = spread.getOrDefault(best.node.id(), 0);
        if (here > there) {
            return "fits, but runs " + here + " of this workload and " + best.node.name() + " runs " + there;
        }
        return "fits, but " + best.node.name() + " keeps at least as large a share of its capacity free";
    }

    /** The scarcer of the two shares that would be free after placing; larger is better. */
    private static double share(Room room, WorkloadState workload) {
        Size left = room.free.minus(workload.needs().size());
        Size whole = room.node.capacity();
        double cpu = whole.cpuMillis() == 0 ? 0 : (double) left.cpuMillis() / whole.cpuMillis();
        double memory = whole.memoryBytes() == 0 ? 0 : (double) left.memoryBytes() / whole.memoryBytes();
        return Math.min(cpu, memory);
    }

    private @Nullable String objection(Room room, WorkloadState workload, @Nullable AllocationState without) {
        String standing = standing(room.node);
        if (standing != null) {
            return standing;
        }
        Needs needs = workload.needs();
        if (!needs.architectures().isEmpty() && !needs.architectures().contains(room.node.arch())) {
            return "is " + room.node.arch() + ", the image is only there for " + list(needs.architectures());
        }
        for (Map.Entry<String, String> wanted : new java.util.TreeMap<>(needs.constraints()).entrySet()) {
            String value = room.node.labels().get(wanted.getKey());
            if (!wanted.getValue().equals(value)) {
                return "has " + (value == null ? "no label " + wanted.getKey() : wanted.getKey() + "=" + value) + ", "
                        + wanted.getKey() + "=" + wanted.getValue() + " is asked for";
            }
        }
        boolean vacated = without != null && room.node.id().equals(without.nodeId());
        return scarcity(room, needs, vacated ? without : null);
    }

    private @Nullable String standing(NodeState node) {
        if (node.revoked()) {
            return "is revoked";
        }
        if (node.fenced()) {
            return "is confirmed dead";
        }
        if (lost.contains(node.id())) {
            return "is lost";
        }
        if (!node.heard()) {
            return "has not been heard yet";
        }
        if (node.silent()) {
            return "is silent";
        }
        if (node.draining()) {
            return "is draining";
        }
        return node.cordoned() ? "is cordoned" : null;
    }

    private static @Nullable String scarcity(Room room, Needs needs, @Nullable AllocationState vacated) {
        for (HostPort port : needs.ports()) {
            String holder = room.ports.get(port);
            if (holder != null && (vacated == null || !vacated.ports().contains(port))) {
                return "port " + port + " is taken by " + holder;
            }
        }
        Size free = vacated == null ? room.free : room.free.plus(vacated.size());
        Size wanted = needs.size();
        if (wanted.memoryBytes() > free.memoryBytes()) {
            return Amounts.bytes(Math.max(0, free.memoryBytes())) + " of memory free, "
                    + Amounts.bytes(wanted.memoryBytes()) + " asked for";
        }
        if (wanted.cpuMillis() > free.cpuMillis()) {
            return Amounts.cores(Math.max(0, free.cpuMillis())) + " free, " + Amounts.cores(wanted.cpuMillis())
                    + " asked for";
        }
        return null;
    }

    private static String list(Set<String> words) {
        return String.join(" and ", words.stream().sorted().toList());
    }
}
