package io.flotilla.controlplane.ui.fleet;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.node.NodeService;
import io.flotilla.controlplane.node.NodeView;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.reconcile.Drains;
import io.flotilla.controlplane.ui.live.Hints;
import io.flotilla.controlplane.ui.live.LiveStream;
import io.flotilla.controlplane.ui.page.Form;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.part.Confirmation;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;

/** One node, and what operators do with it. */
@Controller
class NodeController {

    private final NodeBuilder builder;
    private final NodeService nodes;
    private final Drains drains;
    private final LiveStream live;
    private final Hints hints;

    NodeController(NodeBuilder builder, NodeService nodes, Drains drains, LiveStream live, Hints hints) {
        this.drains = drains;
        this.builder = builder;
        this.nodes = nodes;
        this.live = live;
        this.hints = hints;
    }

    @GetMapping("/nodes/{id}")
    Page node(Actor actor, @PathVariable UUID id, @RequestParam(required = false) @Nullable String confirm) {
        Page page = page(actor, id);
        return confirm == null ? page : page.with("confirm", question(id, NodeAction.of(confirm)));
    }

    @GetMapping(path = "/nodes/{id}", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @ResponseBody
    Flux<ServerSentEvent<String>> follow(Actor actor, @PathVariable UUID id, ServerWebExchange exchange) {
        return live.follow(exchange, hints.all(), () -> page(actor, id));
    }

    @PostMapping("/nodes/{id}/{action}")
    Page act(Actor actor, @PathVariable UUID id, @PathVariable String action, Form form) {
        NodeAction wanted = NodeAction.of(action);
        NodeView node = nodes.get(id);
        if (wanted.danger() && !form.value("typed").equals(node.name())) {
            throw ProblemException.invalid("typed", "must be the node's name, " + node.name());
        }
        wanted.carryOut(nodes, actor, id);
        return Page.redirect("/nodes/" + id);
    }

    private Confirmation question(UUID id, NodeAction action) {
        NodeView node = nodes.get(id);
        List<Drains.Move> moves = action == NodeAction.DRAIN ? drains.preview(id) : List.of();
        long moving = moves.stream().filter(move -> move.to() != null).count();
        return action.question(
                node, (int) moving, moves.stream().map(NodeController::line).toList());
    }

    private static Confirmation.Line line(Drains.Move move) {
        String what = move.workload() + " " + move.replica();
        return move.to() == null
                ? new Confirmation.Line("warn", what + " stays: " + move.reason())
                : new Confirmation.Line("pass", what + " to " + move.to());
    }

    private Page page(Actor actor, UUID id) {
        return Page.of("node").with("live", true).with("node", builder.build(actor, id));
    }
}
