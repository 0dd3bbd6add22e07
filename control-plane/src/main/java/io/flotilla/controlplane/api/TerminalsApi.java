package io.flotilla.controlplane.api;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.terminal.Terminals;
import io.flotilla.controlplane.terminal.Terminals.Client;
import io.flotilla.controlplane.terminal.Terminals.Purpose;
import io.flotilla.protocol.ExecSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Commands in running containers, and the streams of their first process, as WebSockets: every binary frame is the type's
 * code ({@link io.flotilla.protocol.Frame.Type}) and the payload. For a stream that the node refuses there is one text
 * message, its sentence, and then an EXIT frame: 126 or 127 where the refusal has one of these codes, else -1. What comes
 * back is recorded.
 */
@RestController
class TerminalsApi {

    private final Terminals terminals;

    TerminalsApi(Terminals terminals) {
        this.terminals = terminals;
    }

    /** Without {@code arg} a shell that the image has is started. */
    @GetMapping("/api/v1/allocations/{id}/exec")
    Mono<Void> exec(
            Actor actor,
            @PathVariable UUID id,
            @RequestParam(required = false) @Nullable String user,
            @RequestParam(defaultValue = "false") boolean tty,
            @RequestParam(defaultValue = "80") int columns,
            @RequestParam(defaultValue = "24") int rows,
            ServerWebExchange exchange) {
        // Not by @RequestParam: Spring would split a single argument at its commas.
        List<String> argv = exchange.getRequest().getQueryParams().getOrDefault("arg", List.of());
        ExecSpec spec = new ExecSpec(
                argv,
                environment(exchange.getRequest().getQueryParams().getOrDefault("env", List.of())),
                user,
                tty,
                size("columns", columns),
                size("rows", rows));
        return terminals.open(exchange, actor, id, new Purpose.Command(spec), Client.PROGRAM);
    }

    @GetMapping("/api/v1/allocations/{id}/attach")
    Mono<Void> attach(Actor actor, @PathVariable UUID id, ServerWebExchange exchange) {
        return terminals.open(exchange, actor, id, new Purpose.OwnProcess(), Client.PROGRAM);
    }

    private static int size(String field, int value) {
        if (value < 1 || value > 10_000) {
            throw ProblemException.invalid(field, "must be from 1 to 10000");
        }
        return value;
    }

    private static Map<String, String> environment(List<String> pairs) {
        Map<String, String> env = new HashMap<>();
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw ProblemException.invalid("env", "\"" + pair + "\" must be NAME=VALUE");
            }
            env.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return env;
    }
}
