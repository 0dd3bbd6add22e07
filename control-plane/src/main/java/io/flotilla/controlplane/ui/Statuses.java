package io.flotilla.controlplane.ui;

import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.node.NodeView;
import io.flotilla.controlplane.workload.WorkloadView;
import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.NodeFacts;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The marks and words of statuses. A mark is a symbol of the sprite; the word is the vocabulary's. */
final class Statuses {

    private Statuses() {}

    /** A status's mark and word. */
    record Shown(String mark, String word) {

        static Shown of(String mark) {
            return new Shown(mark, Dialect.word(mark));
        }
    }

    static Shown of(WorkloadView.Status status) {
        return switch (status) {
            case RUNNING -> Shown.of("running");
            case DEGRADED -> Shown.of("degraded");
            case STARTING -> Shown.of("starting");
            case PENDING -> Shown.of("pending");
            case COMPLETED -> Shown.of("completed");
            case FAILED -> Shown.of("failed");
            case STOPPED -> Shown.of("stopped");
            case STOPPING -> Shown.of("stopping");
            case DELETING -> new Shown("stopping", "Deleting");
        };
    }

    /** A status that its node has not confirmed for a while is shown as stale. */
    static Shown of(AllocationView allocation, boolean stale) {
        Shown shown = of(allocation.status());
        return stale && !allocation.status().isFinal() && allocation.nodeId() != null
                ? new Shown("stale", shown.word() + ", stale")
                : shown;
    }

    static Shown of(AllocStatus status) {
        return status == AllocStatus.BACKOFF ? new Shown("backoff", "Waiting to restart") : Shown.of(status.word());
    }

    static Shown of(NodeView node) {
        Shown shown = switch (node.status()) {
            case JOINING -> new Shown("starting", "Joining");
            case ONLINE -> online(node);
            case STALE -> Shown.of("stale");
            case LOST -> Shown.of("lost");
            case REVOKED -> Shown.of("revoked");
        };
        return shown;
    }

    private static Shown online(NodeView node) {
        if (node.draining()) {
            return Shown.of("draining");
        }
        return node.cordoned() ? Shown.of("cordoned") : Shown.of("online");
    }

    static String of(NodeFacts.Check.Result result) {
        return switch (result) {
            case OK -> "pass";
            case WARNING -> "warn";
            case FAILED -> "fail";
        };
    }

    /** One mark for each allocation that still counts, at most twelve. */
    static List<String> marks(List<AllocationView> allocations) {
        return allocations.stream()
                .filter(allocation -> !allocation.ended())
                .limit(12)
                .map(allocation -> of(allocation.status()).mark())
                .toList();
    }

    /** The marks in words: "4 running, 1 pulling". */
    static String label(List<AllocationView> allocations) {
        Map<AllocStatus, Long> counts = allocations.stream()
                .filter(allocation -> !allocation.ended())
                .collect(Collectors.groupingBy(
                        AllocationView::status, () -> new EnumMap<>(AllocStatus.class), Collectors.counting()));
        return counts.isEmpty()
                ? "none"
                : counts.entrySet().stream()
                        .map(entry -> entry.getValue() + " " + entry.getKey().word())
                        .collect(Collectors.joining(", "));
    }
}
