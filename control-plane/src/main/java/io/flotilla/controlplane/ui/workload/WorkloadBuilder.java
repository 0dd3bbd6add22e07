package io.flotilla.controlplane.ui.workload;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.alloc.AllocationEvent;
import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.alloc.Allocations;
import io.flotilla.controlplane.node.NodeService;
import io.flotilla.controlplane.node.NodeStatus;
import io.flotilla.controlplane.node.NodeView;
import io.flotilla.controlplane.schedule.Verdict;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.part.Diff;
import io.flotilla.controlplane.ui.part.EventLine;
import io.flotilla.controlplane.ui.part.Measures;
import io.flotilla.controlplane.ui.part.SpecFacts;
import io.flotilla.controlplane.ui.words.Sentences;
import io.flotilla.controlplane.ui.words.Statuses;
import io.flotilla.controlplane.ui.workload.WorkloadPage.Fact;
import io.flotilla.controlplane.ui.workload.WorkloadPage.Fix;
import io.flotilla.controlplane.ui.workload.WorkloadPage.Link;
import io.flotilla.controlplane.ui.workload.WorkloadPage.NodeReason;
import io.flotilla.controlplane.ui.workload.WorkloadPage.Replica;
import io.flotilla.controlplane.ui.workload.WorkloadPage.RevisionLine;
import io.flotilla.controlplane.ui.workload.WorkloadPage.Why;
import io.flotilla.controlplane.workload.Kind;
import io.flotilla.controlplane.workload.RevisionView;
import io.flotilla.controlplane.workload.WorkloadService;
import io.flotilla.controlplane.workload.WorkloadView;
import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.PortMapping;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Reads what the page of one workload shows. Blocking. */
@Component
class WorkloadBuilder {

    private static final int EVENTS = 60;
    /** Ended allocations that are still listed: the newest tell what went wrong. */
    private static final int ENDED = 5;

    private final WorkloadService workloads;
    private final Allocations allocations;
    private final NodeService nodes;
    private final Measures measures;
    private final Clock clock;

    WorkloadBuilder(
            WorkloadService workloads, Allocations allocations, NodeService nodes, Measures measures, Clock clock) {
        this.clock = clock;
        this.workloads = workloads;
        this.allocations = allocations;
        this.nodes = nodes;
        this.measures = measures;
    }

    /** @param to the newer revision of the comparison, 0 for the newest */
    WorkloadPage build(Actor actor, UUID id, int to) {
        WorkloadView workload = workloads.get(actor, id);
        List<AllocationView> all = allocations.list(actor, id, null, null, Page.MOST);
        List<AllocationView> present =
                all.stream().filter(allocation -> !allocation.ended()).toList();
        Map<UUID, NodeView> known = nodes.list().stream().collect(Collectors.toMap(NodeView::id, Function.identity()));
        List<RevisionView> revisions = workloads.revisions(actor, id).stream()
                .sorted(Comparator.comparingInt(RevisionView::number).reversed())
                .toList();
        Statuses.Shown shown = Statuses.of(workload.status());
        return new WorkloadPage(
                id.toString(),
                workload.name(),
                workload.team(),
                workload.kind() == Kind.SERVICE ? "Service" : "Job",
                workload.spec().image().familiar(),
                workload.spec().digest().toString(),
                workload.revision(),
                shown.mark(),
                shown.word(),
                Statuses.marks(present),
                Statuses.label(present),
                workload.running() + " of " + workload.replicas(),
                workload.replicas(),
                stopped(workload),
                actor.mayChange(workload.teamId()),
                actor.mayOperate(workload.teamId()),
                why(workload, present),
                rows(all, known),
                measures.pulls(present),
                measures.charts(workload, present, all),
                timeline(id, revisions),
                SpecFacts.of(workload.spec()).entrySet().stream()
                        .map(entry -> new Fact(entry.getKey(), entry.getValue()))
                        .toList(),
                revisions.stream()
                        .map(revision -> new RevisionLine(
                                revision.number(),
                                revision.createdAt(),
                                revision.createdBy(),
                                revision.spec().image().familiar(),
                                revision.number() == workload.revision()))
                        .toList(),
                diff(revisions, to));
    }

    /** How many containers there are on nodes, whatever they do. */
    int containers(Actor actor, UUID id) {
        return (int) allocations.list(actor, id, null, null, Page.MOST).stream()
                .filter(allocation -> allocation.nodeId() != null && !allocation.ended())
                .count();
    }

    private static boolean stopped(WorkloadView workload) {
        return workload.status() == WorkloadView.Status.STOPPED || workload.status() == WorkloadView.Status.STOPPING;
    }

    private @Nullable Why why(WorkloadView workload, List<AllocationView> present) {
        Optional<Exits> exits = workload.status() == WorkloadView.Status.FAILING ? Exits.of(present) : Optional.empty();
        if (exits.isPresent()) {
            return new Why(
                    "failing",
                    exits.get().title(),
                    exits.get().text(clock.instant()),
                    List.of(),
                    fix(workload, present));
        }
        String reason = workload.reason();
        boolean calm = workload.status() == WorkloadView.Status.RUNNING
                || workload.status() == WorkloadView.Status.COMPLETED
                || workload.status() == WorkloadView.Status.STOPPED;
        if (reason == null || calm) {
            return null;
        }
        List<NodeReason> reasons = present.stream()
                .filter(allocation -> allocation.status() == AllocStatus.PENDING)
                .findFirst()
                .map(AllocationView::verdicts)
                .orElse(List.of())
                .stream()
                .map((Verdict verdict) -> new NodeReason(verdict.node(), verdict.sentence()))
                .toList();
        return new Why(
                Statuses.of(workload.status()).mark(),
                Sentences.of(reason),
                reasons.isEmpty() ? null : "It is tried again as soon as a node changes.",
                reasons,
                fix(workload, present));
    }

    /** What a program that has ended said is worth more than any other guess. */
    private static Fix fix(WorkloadView workload, List<AllocationView> present) {
        boolean exited = present.stream().anyMatch(AllocationView::exited);
        return exited
                ? new Fix("/workloads/" + workload.id() + "/logs", "Read its logs")
                : new Fix("/launch?of=" + workload.id(), "Change what it asks for");
    }

    private List<Replica> rows(List<AllocationView> all, Map<UUID, NodeView> known) {
        List<AllocationView> shown = new ArrayList<>(all.stream()
                .filter(allocation -> !allocation.ended())
                .sorted(Comparator.comparingInt(AllocationView::replica).thenComparingInt(AllocationView::revision))
                .toList());
        all.stream()
                .filter(AllocationView::ended)
                .sorted(Comparator.comparing(AllocationView::statusAt).reversed())
                .limit(ENDED)
                .forEach(shown::add);
        return shown.stream()
                .map(allocation -> row(allocation, allocation.nodeId() == null ? null : known.get(allocation.nodeId())))
                .toList();
    }

    private Replica row(AllocationView allocation, @Nullable NodeView node) {
        boolean silent = node != null && (node.status() == NodeStatus.STALE || node.status() == NodeStatus.LOST);
        Statuses.Shown shown = Statuses.of(allocation, silent);
        boolean runs = allocation.status() == AllocStatus.RUNNING;
        return new Replica(
                allocation.id().toString(),
                allocation.replica(),
                shown.mark(),
                shown.word(),
                allocation.nodeId() == null ? null : allocation.nodeId().toString(),
                allocation.node(),
                note(allocation),
                allocation.revision(),
                allocation.attempt(),
                allocation.exitCode() == null ? null : String.valueOf(allocation.exitCode()),
                runs ? measures.memoryText(allocation) : null,
                runs ? measures.cpuText(allocation) : null,
                allocation.statusAt(),
                runs ? links(allocation, node) : List.of(),
                allocation.ended(),
                runs && !silent);
    }

    private static @Nullable String note(AllocationView allocation) {
        if (allocation.exitUnknown()) {
            return "Exit code unknown";
        }
        if (allocation.reason() != null) {
            return Sentences.of(allocation.reason());
        }
        boolean over = allocation.status().isFinal() || allocation.status() == AllocStatus.BACKOFF;
        return over && allocation.exitCode() != null ? "Exit code " + allocation.exitCode() : null;
    }

    private static List<Link> links(AllocationView allocation, @Nullable NodeView node) {
        String host = PortAddress.of(node == null ? List.of() : node.facts().addresses());
        return allocation.ports().stream()
                .filter(port -> port.host() != null)
                .map(port -> new Link(
                        port.protocol() == PortMapping.Protocol.TCP ? "http://" + host + ":" + port.host() + "/" : "",
                        port.host() + " to " + port.container() + "/"
                                + port.protocol().word()))
                .toList();
    }

    private List<EventLine> timeline(UUID id, List<RevisionView> revisions) {
        List<EventLine> lines = new ArrayList<>();
        for (AllocationEvent event : allocations.eventsOfWorkload(id, EVENTS)) {
            lines.add(line(event));
        }
        for (RevisionView revision : revisions) {
            lines.add(new EventLine(
                    revision.createdAt(),
                    "info",
                    "Revision " + revision.number() + ", by " + revision.createdBy(),
                    revision.spec().image().familiar(),
                    revision.number() > 1 ? "/workloads/" + id + "?tab=revisions&to=" + revision.number() : null,
                    true));
        }
        lines.sort(Comparator.comparing(EventLine::time).reversed());
        return lines.stream().limit(EVENTS).toList();
    }

    private static EventLine line(AllocationEvent event) {
        String where = event.node() == null ? "" : " on " + event.node();
        String verb = Statuses.verb(event.status(), event.exitCode(), event.exitUnknown(), event.oomKilled());
        return EventLine.of(
                event.at(),
                Statuses.of(event.status()).mark(),
                "Replica " + event.replica() + " " + verb + where,
                event.reason() == null ? null : Sentences.of(event.reason()));
    }

    private static @Nullable Diff diff(List<RevisionView> revisions, int to) {
        int newer = 0;
        while (to != 0 && newer < revisions.size() && revisions.get(newer).number() != to) {
            newer++;
        }
        if (newer + 1 >= revisions.size()) {
            return null;
        }
        RevisionView after = revisions.get(newer);
        RevisionView before = revisions.get(newer + 1);
        return new Diff(before.number(), after.number(), SpecFacts.diff(before.spec(), after.spec()));
    }
}
