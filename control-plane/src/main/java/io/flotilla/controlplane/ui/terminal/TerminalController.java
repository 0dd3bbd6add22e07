package io.flotilla.controlplane.ui.terminal;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.alloc.Allocations;
import io.flotilla.controlplane.identity.web.RequestAttributes;
import io.flotilla.controlplane.terminal.Terminals;
import io.flotilla.controlplane.terminal.Terminals.Client;
import io.flotilla.controlplane.terminal.Terminals.Purpose;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.words.CommandLine;
import io.flotilla.controlplane.workload.RevisionView;
import io.flotilla.controlplane.workload.WorkloadService;
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
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** A terminal in a container: the page, and the socket that its bytes go by. */
@Controller
class TerminalController {

    private final Allocations allocations;
    private final WorkloadService workloads;
    private final Terminals terminals;

    TerminalController(Allocations allocations, WorkloadService workloads, Terminals terminals) {
        this.allocations = allocations;
        this.workloads = workloads;
        this.terminals = terminals;
    }

    @GetMapping("/allocations/{id}/terminal")
    Page terminal(
            Actor actor,
            @PathVariable UUID id,
            @RequestParam(defaultValue = "exec") String mode,
            @RequestParam(defaultValue = "") String command,
            @RequestParam(defaultValue = "") String user,
            @RequestParam(defaultValue = "") String session,
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
                attachable,
                session,
                !session.isEmpty() && !terminals.alive(actor, id, session));
        return Page.of("terminal")
                .with("nonce", RequestAttributes.styleNonce(exchange))
                .with("terminal", view);
    }

    @GetMapping("/allocations/{id}/terminal/socket")
    Mono<Void> socket(Actor actor, @PathVariable UUID id, ServerWebExchange exchange) {
        MultiValueMap<String, String> query = exchange.getRequest().getQueryParams();
        String session = query.getFirst("session");
        return session == null
                ? terminals.open(exchange, actor, id, purpose(query), Client.PAGE)
                : terminals.comeBack(exchange, actor, id, session);
    }

    private static Purpose purpose(MultiValueMap<String, String> query) {
        if ("attach".equals(query.getFirst("mode"))) {
            return new Purpose.OwnProcess();
        }
        String command = query.getFirst("command");
        String user = query.getFirst("user");
        return new Purpose.Command(new ExecSpec(
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
