package io.flotilla.controlplane.ui.fleet;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.node.Enrolments;
import io.flotilla.controlplane.node.JoinToken;
import io.flotilla.controlplane.node.NodeService;
import io.flotilla.controlplane.node.NodeStatus;
import io.flotilla.controlplane.node.NodeView;
import io.flotilla.controlplane.settings.Settings;
import io.flotilla.controlplane.ui.fleet.JoinPage.Step;
import io.flotilla.controlplane.ui.live.Hints;
import io.flotilla.controlplane.ui.live.LiveStream;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.words.Units;
import io.flotilla.protocol.NodeFacts;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;

/** Adding a node: one line to paste, and steps that tick as it joins. */
@Controller
class JoinController {

    private static final Units UNITS = new Units();

    private final Enrolments enrolments;
    private final NodeService nodes;
    private final Settings settings;
    private final LiveStream live;
    private final Hints hints;
    private final Clock clock;

    JoinController(
            Enrolments enrolments, NodeService nodes, Settings settings, LiveStream live, Hints hints, Clock clock) {
        this.enrolments = enrolments;
        this.nodes = nodes;
        this.settings = settings;
        this.live = live;
        this.hints = hints;
        this.clock = clock;
    }

    @GetMapping("/join")
    Page join(@RequestParam(required = false) @Nullable UUID token) {
        return page(find(token).orElse(null), null);
    }

    @GetMapping(path = "/join", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @ResponseBody
    Flux<ServerSentEvent<String>> follow(
            @RequestParam(required = false) @Nullable UUID token, ServerWebExchange exchange) {
        return live.follow(exchange, hints.all(), () -> join(token));
    }

    /** The line is in this answer only; the address of the steps has just the token's id. */
    @PostMapping("/join")
    Page make(Actor actor) {
        JoinToken.Issued issued = enrolments.issue(actor, Enrolments.LONGEST);
        String line = "flotilla-agent join " + settings.url() + " --token " + issued.token() + " --fingerprint "
                + issued.fingerprint();
        return page(issued.details(), line);
    }

    private Page page(@Nullable JoinToken token, @Nullable String line) {
        boolean reachable = settings.beyond() != null;
        return Page.of("join")
                .with("live", token != null)
                .with("address", token == null ? "/join" : "/join?token=" + token.id())
                .with(
                        "join",
                        new JoinPage(
                                line,
                                token == null ? null : token.id().toString(),
                                token == null ? null : token.expiresAt(),
                                token == null ? List.of() : steps(token),
                                settings.url(),
                                reachable
                                        ? null
                                        : "This control plane listens on loopback only, so only agents on this"
                                                + " machine can join. Start it with --listen to serve others."));
    }

    private Optional<JoinToken> find(@Nullable UUID id) {
        return enrolments.list().stream().filter(token -> token.id().equals(id)).findFirst();
    }

    private List<Step> steps(JoinToken token) {
        NodeView node = token.nodeId() == null ? null : nodes.get(token.nodeId());
        boolean expired = node == null && !clock.instant().isBefore(token.expiresAt());
        return List.of(used(token, node, expired), registered(token, node), preflight(node), online(node));
    }

    private Step used(JoinToken token, @Nullable NodeView node, boolean expired) {
        if (node != null) {
            return new Step("pass", "Token used", "Once. It cannot be used again.", token.usedAt(), List.of());
        }
        String left = UNITS.span(Duration.between(clock.instant(), token.expiresAt()));
        return expired
                ? new Step(
                        "fail",
                        "Token expired",
                        "Nobody used it in time. Make a new line.",
                        token.expiresAt(),
                        List.of())
                : new Step(
                        "working", "Waiting for the host", "The line works for another " + left + ".", null, List.of());
    }

    private static Step registered(JoinToken token, @Nullable NodeView node) {
        String why = node == null
                ? "The host makes its own key; the private half never leaves it."
                : "As " + node.name() + ". The private half never leaves the host.";
        return new Step(node == null ? "waiting" : "pass", "Key registered", why, token.usedAt(), List.of());
    }

    private static Step preflight(@Nullable NodeView node) {
        if (node == null || node.facts().checks().isEmpty()) {
            return new Step("waiting", "Preflight", "Kernel, cgroup, disk, clock.", null, List.of());
        }
        long failed = node.facts().checks().stream()
                .filter(check -> check.result() == NodeFacts.Check.Result.FAILED)
                .count();
        int all = node.facts().checks().size();
        return new Step(
                failed == 0 ? "pass" : "fail",
                "Preflight",
                all - failed + " of " + all + " pass.",
                null,
                NodeBuilder.checks(node));
    }

    private static Step online(@Nullable NodeView node) {
        boolean on = node != null && node.status() == NodeStatus.ONLINE;
        return new Step(
                on ? "pass" : node == null ? "waiting" : "working",
                "Online",
                on ? "It takes containers." : "It will take containers as soon as it is online.",
                node != null && on ? node.createdAt() : null,
                List.of());
    }
}
