package io.flotilla.controlplane.ui.fleet;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.node.NodeService;
import io.flotilla.controlplane.node.NodeStatus;
import io.flotilla.controlplane.node.NodeView;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.ui.part.Confirmation;
import io.flotilla.controlplane.ui.words.Units;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What an operator can do with a node. */
enum NodeAction {
    CORDON,
    UNCORDON,
    DRAIN,
    FENCE,
    REVOKE;

    static NodeAction of(String word) {
        for (NodeAction action : values()) {
            if (action.word().equals(word)) {
                return action;
            }
        }
        throw ProblemException.notFound("action", word);
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean offered(NodeView node) {
        boolean silent = node.status() == NodeStatus.STALE || node.status() == NodeStatus.LOST;
        return switch (this) {
            case CORDON -> !node.cordoned() && !silent;
            case UNCORDON -> node.cordoned() || node.draining();
            case DRAIN -> !node.draining() && !silent;
            case FENCE -> silent && node.fencedAt() == null;
            case REVOKE -> silent;
        };
    }

    String title() {
        return switch (this) {
            case CORDON -> "Cordon";
            case UNCORDON -> "Uncordon";
            case DRAIN -> "Drain";
            case FENCE -> "It is dead";
            case REVOKE -> "Revoke";
        };
    }

    String icon() {
        return switch (this) {
            case CORDON -> "pause";
            case UNCORDON -> "play";
            case DRAIN -> "drain";
            case FENCE -> "alert";
            case REVOKE -> "trash";
        };
    }

    boolean danger() {
        return this == REVOKE || this == FENCE;
    }

    void carryOut(NodeService nodes, Actor actor, UUID id) {
        switch (this) {
            case CORDON -> nodes.cordon(actor, id);
            case UNCORDON -> nodes.uncordon(actor, id);
            case DRAIN -> nodes.drain(actor, id);
            case FENCE -> nodes.fence(actor, id);
            case REVOKE -> nodes.revoke(actor, id);
        }
    }

    /**
     * @param preview lines about what a drain would move, empty for other actions
     * @param moving how many it would move
     */
    Confirmation question(NodeView node, int moving, List<Confirmation.Line> preview) {
        return switch (this) {
            case CORDON ->
                ask(
                        node,
                        "Cordon " + node.name() + "?",
                        preview,
                        "It takes no new containers. What runs there goes on running.",
                        "Cordon");
            case UNCORDON ->
                ask(
                        node,
                        "Uncordon " + node.name() + "?",
                        preview,
                        "It takes containers again. What has moved stays where it is.",
                        "Uncordon");
            case DRAIN ->
                ask(
                        node,
                        "Drain " + node.name() + "?",
                        preview,
                        "Each new container must run before the old one stops. Undo at any time: uncordon.",
                        moving == 0 ? "Drain" : "Drain, move " + new Units().count(moving, "container", "containers"));
            case FENCE ->
                ask(
                        node,
                        "Is " + node.name() + " dead?",
                        preview,
                        "Its singletons start elsewhere at once. If it still runs, two of each run. This is recorded in the audit log.",
                        "It is dead");
            case REVOKE ->
                ask(
                        node,
                        "Revoke the key of " + node.name() + "?",
                        preview,
                        "It can never connect again with this key; it would have to join anew.",
                        "Revoke");
        };
    }

    private Confirmation ask(NodeView node, String title, List<Confirmation.Line> lines, String text, String button) {
        @Nullable String typed = this == REVOKE || this == FENCE ? node.name() : null;
        return new Confirmation(
                title,
                lines,
                text,
                "/nodes/" + node.id() + "/" + word(),
                Map.of(),
                typed,
                danger(),
                button,
                "/nodes/" + node.id());
    }
}
