package io.flotilla.controlplane.ui.words;

import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.node.NodeView;
import io.flotilla.controlplane.workload.WorkloadView;
import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.NodeFacts;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The marks and words of statuses. A mark is a symbol of the sprite; the word is the vocabulary's. */
public final class Statuses {

    private Statuses() {}

    /** A status's mark and word. */
    public record Shown(String mark, String word) {

        static Shown of(String mark) {
            return new Shown(mark, Dialect.word(mark));
        }
    }

    public static Shown of(WorkloadView.Status status) {
        return switch (status) {
            case RUNNING -> Shown.of("running");
            case DEGRADED -> Shown.of("degraded");
            case STARTING -> Shown.of("starting");
            case FAILING -> new Shown("failing", "Keeps exiting");
            case PENDING -> Shown.of("pending");
            case COMPLETED -> Shown.of("completed");
            case FAILED -> Shown.of("failed");
            case STOPPED -> Shown.of("stopped");
            case STOPPING -> Shown.of("stopping");
            case DELETING -> new Shown("stopping", "Deleting");
        };
    }

    /** A status that its node has not confirmed for a while is shown as stale. */
    public static Shown of(AllocationView allocation, boolean stale) {
        Shown shown = of(allocation.status());
        return stale && !allocation.status().isFinal() && allocation.nodeId() != null
                ? new Shown("stale", shown.word() + ", stale")
                : shown;
    }

    public static Shown of(AllocStatus status) {
        return status == AllocStatus.BACKOFF ? new Shown("backoff", "Waiting to restart") : Shown.of(status.word());
    }

    public static Shown of(NodeView node) {
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

    public static String of(NodeFacts.Check.Result result) {
        return switch (result) {
            case OK -> "pass";
            case WARNING -> "warn";
            case FAILED -> "fail";
        };
    }

    /** One mark for each allocation that still counts, at most twelve. */
    public static List<String> marks(List<AllocationView> allocations) {
        return allocations.stream()
                .filter(allocation -> !allocation.ended())
                .limit(12)
                .map(allocation -> of(allocation.status()).mark())
                .toList();
    }

    /** The marks in words: "4 running, 1 pulling". */
    public static String label(List<AllocationView> allocations) {
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

    /** What an allocation does, for sentences. */
    public static String verb(AllocationView allocation) {
        return verb(allocation.status(), allocation.exitCode(), allocation.exitUnknown(), allocation.oomKilled());
    }

    public static String verb(AllocStatus status, @Nullable Integer exitCode, boolean exitUnknown, boolean oomKilled) {
        String exit = exitUnknown
                ? "ended, exit code unknown,"
                : exitCode == null ? "ended" : oomKilled ? "ran out of memory" : "exited " + exitCode;
        return switch (status) {
            case PENDING -> "waits for a node";
            case PLACED -> "is placed";
            case PULLING -> "pulls its image";
            case STARTING -> "starts";
            case RUNNING -> "runs";
            case BACKOFF -> exit + " and waits to restart";
            case STOPPING -> "stops";
            case COMPLETED -> "completed";
            case STOPPED -> "stopped";
            case FAILED -> exitCode == null && !exitUnknown ? "failed" : exit;
            case LOST -> "was lost";
        };
    }
}
