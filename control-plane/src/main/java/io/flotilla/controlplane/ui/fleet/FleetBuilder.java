package io.flotilla.controlplane.ui.fleet;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.alloc.Allocations;
import io.flotilla.controlplane.identity.Teams;
import io.flotilla.controlplane.node.NodeService;
import io.flotilla.controlplane.node.NodeStatus;
import io.flotilla.controlplane.node.NodeView;
import io.flotilla.controlplane.ui.fleet.FleetPage.Attention;
import io.flotilla.controlplane.ui.fleet.FleetPage.NodeLine;
import io.flotilla.controlplane.ui.fleet.FleetPage.Step;
import io.flotilla.controlplane.ui.fleet.FleetPage.Tally;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.part.EventLine;
import io.flotilla.controlplane.ui.part.Gauge;
import io.flotilla.controlplane.ui.part.Measures;
import io.flotilla.controlplane.ui.words.Sentences;
import io.flotilla.controlplane.ui.words.Statuses;
import io.flotilla.controlplane.ui.words.Units;
import io.flotilla.controlplane.workload.WorkloadService;
import io.flotilla.controlplane.workload.WorkloadView;
import io.flotilla.protocol.NodeFacts;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Reads what the Fleet page shows. Blocking. */
@Component
class FleetBuilder {

    private static final Units UNITS = new Units();
    private static final int EVENTS = 8;

    private final NodeService nodes;
    private final WorkloadService workloads;
    private final Allocations allocations;
    private final Teams teams;
    private final Measures measures;
    private final Clock clock;

    FleetBuilder(
            NodeService nodes,
            WorkloadService workloads,
            Allocations allocations,
            Teams teams,
            Measures measures,
            Clock clock) {
        this.clock = clock;
        this.nodes = nodes;
        this.workloads = workloads;
        this.allocations = allocations;
        this.teams = teams;
        this.measures = measures;
    }

    FleetPage build(Actor actor) {
        List<NodeView> all = nodes.list().stream()
                .filter(node -> node.status() != NodeStatus.REVOKED)
                .sorted(Comparator.comparing(NodeView::name))
                .toList();
        List<AllocationView> every = allocations.list(actor, null, null, null, 10 * Page.MOST);
        List<AllocationView> present =
                every.stream().filter(allocation -> !allocation.ended()).toList();
        Map<UUID, List<AllocationView>> byNode = present.stream()
                .filter(allocation -> allocation.nodeId() != null)
                .collect(Collectors.groupingBy(AllocationView::nodeId));
        List<WorkloadView> desired = workloads.list(actor, null, null, Page.MOST);
        List<NodeLine> lines = all.stream()
                .map(node -> line(node, byNode.getOrDefault(node.id(), List.of())))
                .toList();
        return new FleetPage(
                lines,
                nodeTally(all),
                workloadTally(desired),
                containerTally(present),
                sum("Memory", lines.stream().map(NodeLine::memory).toList(), Gauge.Unit.BYTES),
                sum("CPU", lines.stream().map(NodeLine::cpu).toList(), Gauge.Unit.MILLI_CPU),
                attention(all, desired, byNode),
                events(every),
                checklist(actor, all, desired));
    }

    private NodeLine line(NodeView node, List<AllocationView> placed) {
        Statuses.Shown shown = Statuses.of(node);
        List<NodeFacts.Check> bad = node.facts().checks().stream()
                .filter(check -> check.result() != NodeFacts.Check.Result.OK)
                .toList();
        boolean warns = shown.mark().equals("online") && !bad.isEmpty();
        return new NodeLine(
                node.id().toString(),
                node.name(),
                warns ? "warn" : shown.mark(),
                warns ? UNITS.count(bad.size(), "warning", "warnings") : shown.word(),
                heard(node, clock.instant()),
                measures.memory(node, placed),
                measures.cpu(node, placed),
                measures.disk(node.id()),
                placed.size(),
                labels(node),
                node.facts().kernel(),
                node.facts().agentVersion(),
                warns ? bad.stream().map(NodeFacts.Check::name).collect(Collectors.joining(", ")) : null);
    }

    /** By this process's own clock where it hears the node itself; what the database knows can lag behind. */
    static @Nullable Instant heard(NodeView node, Instant now) {
        Long silent = node.silentMillis();
        return silent == null ? node.heardAt() : now.minusMillis(silent);
    }

    static List<String> labels(NodeView node) {
        return node.labels().entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .sorted()
                .toList();
    }

    private static Tally nodeTally(List<NodeView> all) {
        return tally(all.size(), all.stream().map(Statuses::of).toList());
    }

    private static Tally workloadTally(List<WorkloadView> all) {
        long fine = all.stream().filter(FleetBuilder::asDesired).count();
        List<Tally.Part> parts = new ArrayList<>();
        if (fine > 0) {
            parts.add(new Tally.Part("running", fine + " as desired"));
        }
        if (fine < all.size()) {
            parts.add(new Tally.Part("degraded", all.size() - fine + (fine > 0 ? " not" : " not as desired")));
        }
        return new Tally(all.size(), parts);
    }

    private static boolean asDesired(WorkloadView workload) {
        return switch (workload.status()) {
            case RUNNING, STOPPED, COMPLETED -> true;
            case DEGRADED, STARTING, FAILING, PENDING, FAILED, STOPPING, DELETING -> false;
        };
    }

    private static Tally containerTally(List<AllocationView> present) {
        List<Statuses.Shown> shown = present.stream()
                .map(allocation -> Statuses.of(allocation.status()))
                .toList();
        return tally(present.size(), shown);
    }

    private static Tally tally(int all, List<Statuses.Shown> shown) {
        List<Tally.Part> parts = shown.stream()
                .collect(Collectors.groupingBy(status -> status, LinkedHashMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .map(entry -> new Tally.Part(
                        entry.getKey().mark(),
                        entry.getValue() + " " + entry.getKey().word().toLowerCase(Locale.ROOT)))
                .toList();
        return new Tally(all, parts);
    }

    private static Gauge sum(String name, List<Gauge> gauges, Gauge.Unit unit) {
        long used = 0;
        boolean known = false;
        for (Gauge gauge : gauges) {
            if (gauge.used() != null) {
                used += gauge.used();
                known = true;
            }
        }
        return Gauge.plain(
                name,
                unit,
                gauges.stream().mapToLong(Gauge::total).sum(),
                gauges.stream().mapToLong(Gauge::reserved).sum(),
                known ? used : null);
    }

    private List<Attention> attention(
            List<NodeView> nodes, List<WorkloadView> workloads, Map<UUID, List<AllocationView>> byNode) {
        List<Attention> found = new ArrayList<>();
        for (WorkloadView workload : workloads) {
            boolean bad = workload.status() == WorkloadView.Status.FAILED
                    || workload.status() == WorkloadView.Status.FAILING
                    || workload.status() == WorkloadView.Status.PENDING
                    || workload.status() == WorkloadView.Status.DEGRADED;
            if (bad || (workload.reason() != null && !asDesired(workload))) {
                found.add(new Attention(
                        Statuses.of(workload.status()).mark(),
                        workload.name(),
                        "/workloads/" + workload.id(),
                        why(workload),
                        workload.changedAt()));
            }
        }
        for (NodeView node : nodes) {
            attention(node, byNode.getOrDefault(node.id(), List.of()).size(), found);
        }
        return found;
    }

    private static String why(WorkloadView workload) {
        String reason = workload.reason();
        if (workload.status() == WorkloadView.Status.FAILING) {
            return Sentences.of("keeps exiting" + (reason == null ? "" : ": " + reason));
        }
        return reason == null
                ? workload.running() + " of " + workload.replicas() + " replicas run."
                : Sentences.of(reason);
    }

    private void attention(NodeView node, int containers, List<Attention> found) {
        String href = "/nodes/" + node.id();
        String left = UNITS.count(containers, "container is", "containers are");
        if (node.status() == NodeStatus.STALE || node.status() == NodeStatus.LOST) {
            String what = node.status() == NodeStatus.STALE
                    ? "Silent. Its " + left + " left alone."
                    : "Lost. Its services are placed elsewhere.";
            found.add(new Attention(Statuses.of(node).mark(), node.name(), href, what, heard(node, clock.instant())));
        }
        for (NodeFacts.Check check : node.facts().checks()) {
            if (check.result() != NodeFacts.Check.Result.OK) {
                found.add(new Attention(
                        Statuses.of(check.result()), node.name(), href, Sentences.of(check.detail()), null));
            }
        }
        if (!node.quarantined().isEmpty()) {
            String quarantined = UNITS.count(node.quarantined().size(), "container is", "containers are");
            found.add(new Attention(
                    "quarantined", node.name(), href, quarantined + " quarantined: no workload asks for it.", null));
        }
    }

    private static List<EventLine> events(List<AllocationView> every) {
        return every.stream()
                .sorted(Comparator.comparing(AllocationView::statusAt).reversed())
                .limit(EVENTS)
                .map(FleetBuilder::event)
                .toList();
    }

    private static EventLine event(AllocationView allocation) {
        String who = allocation.workload() + " " + allocation.replica();
        String where = allocation.node() == null ? "" : " on " + allocation.node();
        return EventLine.of(
                allocation.statusAt(),
                Statuses.of(allocation.status()).mark(),
                who + " " + Statuses.verb(allocation) + where,
                null);
    }

    /** Gone once every step is done; only those who can take the steps see it. */
    private @Nullable List<Step> checklist(Actor actor, List<NodeView> nodes, List<WorkloadView> workloads) {
        if (!actor.is(Role.ADMIN)) {
            return null;
        }
        boolean online = nodes.stream().anyMatch(node -> node.status() == NodeStatus.ONLINE);
        boolean ran = !workloads.isEmpty();
        boolean more = nodes.size() > 1;
        boolean invited = teams.list(actor).size() > 1;
        if (online && ran && more && invited) {
            return null;
        }
        return List.of(
                new Step(online, !online, "Control plane started", null, online ? "The first node is online." : null),
                new Step(
                        ran,
                        online && !ran,
                        "Run a container",
                        "/launch",
                        "A sample image is bundled; no registry is needed."),
                new Step(more, ran && !more, "Add a node", "/join", null),
                new Step(invited, ran && more && !invited, "Invite a team", "/teams?edit=new", null));
    }
}
