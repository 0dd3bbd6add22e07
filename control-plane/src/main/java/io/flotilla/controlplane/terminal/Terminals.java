package io.flotilla.controlplane.terminal;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.alloc.Allocations;
import io.flotilla.controlplane.dispatch.Sessions;
import io.flotilla.controlplane.identity.web.RequestAttributes;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.recording.Recorder;
import io.flotilla.controlplane.recording.Recording;
import io.flotilla.controlplane.recording.Recordings;
import io.flotilla.controlplane.settings.Settings;
import io.flotilla.protocol.ControlMessage.Target;
import io.flotilla.protocol.ExecSpec;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Service;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.server.support.HandshakeWebSocketService;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** All terminals of this process, and the ways to them. */
@Service
public class Terminals implements SmartLifecycle {

    /** What a terminal is opened for. */
    public sealed interface Purpose {

        /** A command, with the size of its terminal. */
        record Command(ExecSpec spec) implements Purpose {}

        /** The container's first process. */
        record OwnProcess() implements Purpose {}
    }

    /** Who talks, and in which words. */
    public enum Client {
        /** A page: is told in JSON how to come back. */
        PAGE("terminal.open", "terminal.open"),
        /** A program: is told sentences, and does not come back. */
        PROGRAM("allocation.exec", "allocation.attach");

        private final String exec;
        private final String attach;

        Client(String exec, String attach) {
            this.exec = exec;
            this.attach = attach;
        }
    }

    /** What the audit log keeps of an opening. */
    private record Opened(
            @Nullable List<String> command,
            @Nullable String user,
            boolean attach,
            boolean tty,
            Map<String, String> env) {}

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ID_BYTES = 32;
    private static final int MOST_PER_PERSON = 100;
    private static final int USUAL_COLUMNS = 80;
    private static final int USUAL_ROWS = 24;

    private final Allocations allocations;
    private final Sessions sessions;
    private final Recordings recordings;
    private final Scheduler blocking;
    private final Duration grace;
    private final HandshakeWebSocketService sockets = new HandshakeWebSocketService();
    private final Map<String, LiveTerminal> alive = new ConcurrentHashMap<>();
    private volatile boolean running;

    Terminals(
            Allocations allocations, Sessions sessions, Recordings recordings, Scheduler blocking, Settings settings) {
        this.allocations = allocations;
        this.sessions = sessions;
        this.recordings = recordings;
        this.blocking = blocking;
        grace = settings.terminals().grace();
    }

    /** Opens a terminal on the WebSocket that the request asks for. */
    public Mono<Void> open(ServerWebExchange exchange, Actor actor, UUID allocation, Purpose purpose, Client client) {
        return Mono.fromCallable(() -> begin(actor, allocation, purpose, client))
                .subscribeOn(blocking)
                .flatMap(terminal -> sockets.handleRequest(exchange, socket(terminal, exchange, client))
                        .doFinally(signal -> blocking.schedule(terminal::endUnlessEverAttached)));
    }

    /** Comes back to a terminal; to a page it is said in the WebSocket if there is none any more. */
    public Mono<Void> comeBack(ServerWebExchange exchange, Actor actor, UUID allocation, String id) {
        return Mono.justOrEmpty(find(actor, allocation, id))
                .map(terminal -> socket(terminal, exchange, Client.PAGE))
                .switchIfEmpty(Mono.just(TerminalSocket.nothingThere()))
                .flatMap(handler -> sockets.handleRequest(exchange, handler));
    }

    /** Whether the actor could come back to it. */
    public boolean alive(Actor actor, UUID allocation, String id) {
        return find(actor, allocation, id).isPresent();
    }

    private Optional<LiveTerminal> find(Actor actor, UUID allocation, String id) {
        return Optional.ofNullable(alive.get(id))
                .filter(terminal -> terminal.belongsTo(actor) && terminal.isIn(allocation));
    }

    private static WebSocketHandler socket(LiveTerminal terminal, ServerWebExchange exchange, Client client) {
        return new TerminalSocket(terminal, RequestAttributes.lost(exchange), client == Client.PAGE);
    }

    private LiveTerminal begin(Actor actor, UUID id, Purpose purpose, Client client) {
        AllocationView view = allocations.get(actor, id);
        UUID node = view.requireNode();
        if (alive.values().stream().filter(each -> each.belongsTo(actor)).count() >= MOST_PER_PERSON) {
            throw ProblemException.tooMany("you have " + MOST_PER_PERSON + " open terminals; close one first");
        }
        String name = view.workload() + " " + view.replica();
        Recorder recorder = switch (purpose) {
            case Purpose.Command(ExecSpec spec) ->
                recordings.begin(
                        actor,
                        client.exec,
                        new Recording.Subject(
                                id, name, view.teamId(), spec.argv(), spec.user(), spec.columns(), spec.rows()),
                        new Opened(
                                spec.argv(),
                                spec.user(),
                                false,
                                spec.tty(),
                                client == Client.PAGE ? Map.of() : spec.env()));
            case Purpose.OwnProcess() ->
                recordings.begin(
                        actor,
                        client.attach,
                        new Recording.Subject(id, name, view.teamId(), null, null, USUAL_COLUMNS, USUAL_ROWS),
                        new Opened(null, null, true, true, Map.of()));
        };
        LiveTerminal terminal = new LiveTerminal(
                random(),
                actor,
                id,
                recorder,
                client == Client.PAGE ? grace : Duration.ZERO,
                blocking,
                ended -> alive.remove(ended.id()));
        alive.put(terminal.id(), terminal);
        terminal.open(sessions.open(node, target(id, purpose)));
        return terminal;
    }

    private static Target target(UUID id, Purpose purpose) {
        return switch (purpose) {
            case Purpose.Command(ExecSpec spec) -> new Target.Exec(id, spec);
            case Purpose.OwnProcess() -> new Target.Attach(id);
        };
    }

    private static String random() {
        byte[] bytes = new byte[ID_BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override
    public void start() {
        running = true;
    }

    /** Before the sessions with the nodes are cut, so that every recording says what really ended it. */
    @Override
    public void stop() {
        running = false;
        alive.values().forEach(LiveTerminal::interrupt);
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
