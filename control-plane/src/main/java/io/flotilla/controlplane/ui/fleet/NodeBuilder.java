package io.flotilla.controlplane.ui.fleet;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.alloc.Allocations;
import io.flotilla.controlplane.node.NodeService;
import io.flotilla.controlplane.node.NodeStatus;
import io.flotilla.controlplane.node.NodeView;
import io.flotilla.controlplane.ui.fleet.NodePage.Action;
import io.flotilla.controlplane.ui.fleet.NodePage.Check;
import io.flotilla.controlplane.ui.fleet.NodePage.Fact;
import io.flotilla.controlplane.ui.fleet.NodePage.Row;
import io.flotilla.controlplane.ui.fleet.NodePage.Why;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.part.Measures;
import io.flotilla.controlplane.ui.words.Sentences;
import io.flotilla.controlplane.ui.words.Statuses;
import io.flotilla.controlplane.ui.words.Units;
import io.flotilla.protocol.NodeFacts;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Reads what the page of one node shows. Blocking. */
@Component
class NodeBuilder {

    private static final Units UNITS = new Units();
    private static final int EVENTS = 400;
    private static final int LINES = 40;

    private final NodeService nodes;
    private final Allocations allocations;
    private final Measures measures;
    private final Clock clock;

    NodeBuilder(NodeService nodes, Allocations allocations, Measures measures, Clock clock) {
        this.clock = clock;
        this.nodes = nodes;
        this.allocations = allocations;
        this.measures = measures;
    }

    NodePage build(Actor actor, UUID id) {
        NodeView node = nodes.get(id);
        List<AllocationView> placed = allocations.list(actor, null, id, null, Page.MOST).stream()
                .filter(allocation -> !allocation.ended())
                .sorted(Comparator.comparing(AllocationView::workload).thenComparingInt(AllocationView::replica))
                .toList();
        Statuses.Shown shown = Statuses.of(node);
        boolean silent = node.status() != NodeStatus.ONLINE;
        return new NodePage(
                id.toString(),
                node.name(),
                shown.mark(),
                shown.word(),
                FleetBuilder.heard(node, clock.instant()),
                FleetBuilder.labels(node),
                lede(node, placed.size()),
                why(node, placed.size()),
                checks(node),
                placed.stream().map(allocation -> row(allocation, silent)).toList(),
                node.quarantined().stream().map(NodeBuilder::quarantined).toList(),
                measures.memory(node, placed),
                measures.cpu(node, placed),
                measures.charts(node),
                facts(node),
                NodeTimeline.lines(nodes.events(id, EVENTS)).stream()
                        .limit(LINES)
                        .toList(),
                actions(actor, node));
    }

    private static String lede(NodeView node, int containers) {
        return UNITS.cores(node.facts().cpuMillis()) + " CPU, "
                + UNITS.memory(node.facts().memoryBytes()) + ". Runs "
                + UNITS.count(containers, "container", "containers") + ".";
    }

    private static @Nullable Why why(NodeView node, int containers) {
        String left = UNITS.count(containers, "container is", "containers are");
        return switch (node.status()) {
            case JOINING ->
                new Why("working", "It has not connected yet", "It appears here as soon as its agent does.");
            case STALE ->
                new Why("stale", "It is silent", "Its " + left + " left alone, and so is what it was told to run.");
            case LOST ->
                new Why(
                        "lost",
                        "It is lost",
                        "Its services are placed elsewhere. If it comes back, what was replaced is stopped there."
                                + " Singletons wait until it is known to be dead.");
            case REVOKED -> new Why("revoked", "Its key is revoked", "It cannot connect any more.");
            case ONLINE -> failing(node);
        };
    }

    private static @Nullable Why failing(NodeView node) {
        for (NodeFacts.Check check : node.facts().checks()) {
            if (check.result() == NodeFacts.Check.Result.FAILED) {
                return new Why(
                        "fail",
                        Sentences.of(check.name() + ": " + check.detail()),
                        "The command that mends it stands below.");
            }
        }
        if (node.draining()) {
            return new Why(
                    "draining",
                    "It is being drained",
                    "Its containers move as soon as they fit elsewhere; until then they go on running here.");
        }
        return node.cordoned()
                ? new Why("cordoned", "It takes no new containers", "What runs there goes on running.")
                : null;
    }

    static List<Check> checks(NodeView node) {
        return node.facts().checks().stream()
                .map(check -> new Check(Statuses.of(check.result()), check.name(), check.detail(), check.remedy()))
                .toList();
    }

    private Row row(AllocationView allocation, boolean silent) {
        Statuses.Shown shown = Statuses.of(allocation, silent);
        return new Row(
                allocation.id().toString(),
                allocation.workloadId().toString(),
                allocation.workload(),
                allocation.replica(),
                shown.mark(),
                shown.word(),
                allocation.team(),
                allocation.revision(),
                measures.memoryText(allocation),
                measures.cpuText(allocation),
                allocation.statusAt());
    }

    private static Row quarantined(UUID id) {
        return new Row(
                id.toString(),
                "",
                id.toString(),
                0,
                "quarantined",
                "It is shown and never stopped.",
                "",
                0,
                null,
                null,
                null);
    }

    private static List<Fact> facts(NodeView node) {
        NodeFacts facts = node.facts();
        boolean same = node.generation() == node.acceptedGeneration();
        List<Fact> shown = new ArrayList<>();
        shown.add(new Fact("Desired", "generation " + UNITS.count(node.generation()), false));
        shown.add(new Fact(
                "Observed",
                "generation " + UNITS.count(node.acceptedGeneration()) + (same ? ", the same" : ", not yet the same"),
                false));
        shown.add(new Fact("System", facts.os() + ", kernel " + facts.kernel() + ", " + facts.arch(), false));
        shown.add(new Fact("cgroup", facts.cgroups().name().toLowerCase(Locale.ROOT), false));
        shown.add(new Fact("Agent", facts.agentVersion(), false));
        shown.add(new Fact("Host name", facts.hostName(), true));
        shown.add(new Fact("Address", String.join(", ", facts.addresses()), true));
        shown.add(new Fact("Joined", node.createdAt().toString().replaceFirst("T.*", ""), false));
        return shown;
    }

    private static List<Action> actions(Actor actor, NodeView node) {
        if (!actor.is(Role.ADMIN, Role.OPERATOR) || actor.readOnly() || node.status() == NodeStatus.REVOKED) {
            return List.of();
        }
        List<Action> actions = new ArrayList<>();
        for (NodeAction action : NodeAction.values()) {
            if (action.offered(node)) {
                actions.add(new Action(action.word(), action.icon(), action.title(), action.danger()));
            }
        }
        return actions;
    }
}
