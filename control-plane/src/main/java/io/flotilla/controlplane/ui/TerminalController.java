package io.flotilla.controlplane.ui;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.alloc.Allocations;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.dispatch.Sessions;
import io.flotilla.controlplane.identity.web.RequestAttributes;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.workload.RevisionView;
import io.flotilla.controlplane.workload.WorkloadService;
import io.flotilla.protocol.ControlMessage.Target;
import io.flotilla.protocol.ExecSpec;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.reactive.socket.server.support.HandshakeWebSocketService;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** A terminal in a container: the page, and the socket that its bytes go by. Opening one is audited. */
@Controller
class TerminalController {

    private final Allocations allocations;
    private final WorkloadService workloads;
    private final Sessions sessions;
    private final Transactions transactions;
    private final AuditLog audit;
    private final Scheduler blocking;
    private final HandshakeWebSocketService sockets = new HandshakeWebSocketService();

    TerminalController(
            Allocations allocations,
            WorkloadService workloads,
            Sessions sessions,
            Transactions transactions,
            AuditLog audit,
            Scheduler blocking) {
        this.allocations = allocations;
        this.workloads = workloads;
        this.sessions = sessions;
        this.transactions = transactions;
        this.audit = audit;
        this.blocking = blocking;
    }

    @GetMapping("/allocations/{id}/terminal")
    Page terminal(
            Actor actor,
            @PathVariable UUID id,
            @RequestParam(defaultValue = "exec") String mode,
            @RequestParam(defaultValue = "") String command,
            @RequestParam(defaultValue = "") String user,
            ServerWebExchange exchange) {
        AllocationView allocation = allocations.get(actor, id);
        boolean attachable = workloads.revisions(actor, allocation.workloadId()).stream()
                .filter(revision -> revision.number() == allocation.revision())
                .map(RevisionView::spec)
                .anyMatch(spec -> spec.tty() || spec.stdin());
        TerminalPage view = new TerminalPage(
                id.toString(),
                allocation.workloadId().toString(),
                allocation.workload(),
                allocation.replica(),
                String.valueOf(allocation.node()),
                "pending",
                mode.equals("attach") && attachable ? "attach" : "exec",
                command,
                user,
                attachable);
        return Page.of("terminal")
                .with("nonce", RequestAttributes.styleNonce(exchange))
                .with("terminal", view);
    }

    @GetMapping("/allocations/{id}/terminal/socket")
    Mono<Void> socket(Actor actor, @PathVariable UUID id, ServerWebExchange exchange) {
        Target target = target(id, exchange.getRequest().getQueryParams());
        return Mono.fromCallable(() -> node(actor, id, target))
                .subscribeOn(blocking)
                .flatMap(node -> sockets.handleRequest(
                        exchange,
                        RequestAttributes.whileAllowed(exchange, new TerminalSocket(sessions.open(node, target)))));
    }

    /** Audits the opening and says on which node it happens. */
    private UUID node(Actor actor, UUID id, Target target) {
        AllocationView allocation = allocations.get(actor, id);
        UUID node = allocation.nodeId();
        if (node == null) {
            throw ProblemException.unavailable("the allocation is on no node");
        }
        Map<String, Object> details = switch (target) {
            case Target.Exec exec ->
                Map.of(
                        "command",
                        exec.exec().argv(),
                        "user",
                        exec.exec().user() == null ? "" : exec.exec().user());
            case Target.Attach attach -> Map.of("attach", true);
            case Target.Logs logs -> Map.of();
        };
        transactions.run(() -> audit.record(
                actor,
                "terminal.open",
                io.flotilla.controlplane.audit.Target.of(
                        "allocation", id, allocation.workload() + " " + allocation.replica(), allocation.teamId()),
                null,
                details));
        return node;
    }

    private static Target target(UUID allocation, MultiValueMap<String, String> query) {
        if ("attach".equals(query.getFirst("mode"))) {
            return new Target.Attach(allocation);
        }
        String command = query.getFirst("command");
        String user = query.getFirst("user");
        return new Target.Exec(
                allocation,
                new ExecSpec(
                        command == null ? List.of() : CommandLine.words(command),
                        Map.of("TERM", "xterm-256color"),
                        user == null || user.isBlank() ? null : user,
                        true,
                        size(query.getFirst("columns"), 80),
                        size(query.getFirst("rows"), 24)));
    }

    private static int size(@Nullable String text, int otherwise) {
        try {
            return text == null ? otherwise : Math.clamp(Integer.parseInt(text), 1, 1000);
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }
}
