package io.flotilla.controlplane.api;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.alloc.Allocations;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.dispatch.AgentStream;
import io.flotilla.controlplane.dispatch.Sessions;
import io.flotilla.controlplane.dispatch.StreamRefused;
import io.flotilla.controlplane.identity.web.RequestAttributes;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.ControlMessage;
import io.flotilla.protocol.ExecSpec;
import io.flotilla.protocol.Frame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.socket.CloseStatus;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.WebSocketMessage;
import org.springframework.web.reactive.socket.WebSocketSession;
import org.springframework.web.reactive.socket.server.support.HandshakeWebSocketService;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Commands in running containers, and the streams of their first process, as WebSockets: every binary frame is the type's
 * code ({@link Frame.Type}) and the payload. For a stream that the node refuses there is one text message, its sentence, and
 * then an EXIT frame: 126 or 127 where the refusal has one of these codes, else -1.
 */
@RestController
class TerminalsApi {

    private static final int CLOSE_REASON_BYTES = 120;

    private final Allocations allocations;
    private final Sessions sessions;
    private final AuditLog audit;
    private final Transactions transactions;
    private final Scheduler blocking;
    private final HandshakeWebSocketService sockets = new HandshakeWebSocketService();

    TerminalsApi(
            Allocations allocations, Sessions sessions, AuditLog audit, Transactions transactions, Scheduler blocking) {
        this.allocations = allocations;
        this.sessions = sessions;
        this.audit = audit;
        this.transactions = transactions;
        this.blocking = blocking;
    }

    /** What the audit log keeps of a terminal. */
    private record Opened(List<String> argv, @Nullable String user, boolean tty, Map<String, String> env) {}

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
        Opened opened = new Opened(spec.argv(), user, tty, spec.env());
        return prepare(actor, id, "allocation.exec", opened)
                .flatMap(view -> serve(exchange, view, new ControlMessage.Target.Exec(id, spec)));
    }

    @GetMapping("/api/v1/allocations/{id}/attach")
    Mono<Void> attach(Actor actor, @PathVariable UUID id, ServerWebExchange exchange) {
        return prepare(actor, id, "allocation.attach", null)
                .flatMap(view -> serve(exchange, view, new ControlMessage.Target.Attach(id)));
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

    /** A terminal can change anything in the container, so opening one is audited before it opens. */
    private Mono<AllocationView> prepare(Actor actor, UUID id, String action, @Nullable Opened opened) {
        return Mono.fromCallable(() -> {
                    AllocationView view = allocations.get(actor, id);
                    LogsApi.node(view);
                    String name = view.workload() + " " + view.replica();
                    transactions.run(() -> audit.record(
                            actor, action, Target.of("allocation", id, name, view.teamId()), null, opened));
                    return view;
                })
                .subscribeOn(blocking);
    }

    private Mono<Void> serve(ServerWebExchange exchange, AllocationView view, ControlMessage.Target target) {
        WebSocketHandler handler = socket -> sessions.open(LogsApi.node(view), target)
                .flatMap(stream -> relay(socket, stream))
                .onErrorResume(StreamRefused.class, refused -> refuse(socket, refused));
        return sockets.handleRequest(exchange, RequestAttributes.whileAllowed(exchange, handler));
    }

    private static Mono<Void> relay(WebSocketSession socket, AgentStream stream) {
        Mono<Void> down = socket.receive()
                .concatMap(message -> fromBrowser(stream, message))
                .then(Mono.fromRunnable(() -> stream.close("the browser went away")));
        Mono<Void> up = socket.send(stream.frames().map(frame -> toBrowser(socket, frame)))
                .then(socket.close(CloseStatus.NORMAL));
        return Mono.firstWithSignal(up, down.onErrorComplete())
                .doFinally(signal -> stream.close("the browser went away"));
    }

    private static WebSocketMessage toBrowser(WebSocketSession socket, Frame frame) {
        byte[] message = ByteBuffer.allocate(1 + frame.payload().length)
                .put(frame.type().code())
                .put(frame.payload())
                .array();
        return socket.binaryMessage(buffers -> buffers.wrap(message));
    }

    private static Mono<Void> fromBrowser(AgentStream stream, WebSocketMessage message) {
        DataBuffer buffer = message.getPayload();
        if (message.getType() != WebSocketMessage.Type.BINARY || buffer.readableByteCount() == 0) {
            return Mono.empty();
        }
        byte[] bytes = new byte[buffer.readableByteCount()];
        buffer.read(bytes);
        Frame.Type type;
        try {
            type = Frame.Type.of(bytes[0]);
        } catch (IllegalArgumentException e) {
            return Mono.error(e);
        }
        return switch (type) {
            case STDIN, RESIZE, STDIN_END -> stream.send(type, java.util.Arrays.copyOfRange(bytes, 1, bytes.length));
            case STDOUT, STDERR, EXIT, LOG ->
                Mono.error(new IllegalArgumentException("a browser does not send " + type));
        };
    }

    /** The sentence as text, an EXIT frame, then the end. */
    private static Mono<Void> refuse(WebSocketSession socket, StreamRefused refused) {
        String reason = String.valueOf(refused.getMessage());
        Integer code = refused.code();
        Frame exit = Frame.exit(0, code == null ? -1 : code);
        return socket.send(Flux.just(socket.textMessage(reason), toBrowser(socket, exit)))
                .then(socket.close(new CloseStatus(4000, shortened(reason))));
    }

    /** A close reason has room for 123 bytes (RFC 6455, 5.5). */
    private static String shortened(String reason) {
        String text = reason;
        while (text.getBytes(StandardCharsets.UTF_8).length > CLOSE_REASON_BYTES) {
            text = text.substring(0, text.length() - 1);
        }
        return text;
    }
}
