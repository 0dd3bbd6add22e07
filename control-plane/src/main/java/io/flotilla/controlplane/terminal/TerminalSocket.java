package io.flotilla.controlplane.terminal;

import io.flotilla.protocol.Frame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.web.reactive.socket.CloseStatus;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.WebSocketMessage;
import org.springframework.web.reactive.socket.WebSocketSession;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/**
 * One WebSocket to a terminal. A binary message is a type byte and its payload, with the numbers of {@link Frame.Type}. Text
 * is what there is to say about the terminal: sentences for programs; for pages JSON with {@code session}, {@code live} or
 * {@code sentence}.
 */
record TerminalSocket(LiveTerminal terminal, Mono<Void> lost, boolean page) implements WebSocketHandler {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int CLOSE_REASON_BYTES = 120;
    private static final Duration CLOSE_FRAME = Duration.ofSeconds(1);
    private static final String NOTHING_THERE = "this terminal has ended";

    /** For a page that comes back too late. */
    static WebSocketHandler nothingThere() {
        return session -> session.send(
                        Flux.just(session.textMessage(JSON.writeValueAsString(Map.of("sentence", NOTHING_THERE)))))
                .then(session.close(new CloseStatus(4000, NOTHING_THERE)));
    }

    @Override
    public Mono<Void> handle(WebSocketSession session) {
        Attachment reader = terminal.attach(lost);
        AtomicReference<@Nullable CloseStatus> seen = new AtomicReference<>();
        Mono<Void> closed = session.closeStatus().doOnNext(seen::set).then();
        Mono<Void> up = session.send(reader.said().flatMapIterable(said -> messages(session, said)))
                .then(Mono.defer(() -> session.close(status())));
        // Copied before anything waits its turn: a message's buffer is used again as soon as this step has returned.
        Mono<Void> down = session.receive()
                .map(TerminalSocket::copied)
                .concatMap(this::receive, 1)
                .then(closed.timeout(CLOSE_FRAME, Mono.empty()));
        // Cached, so that the close frame stays on its way when the other two notice the closing.
        Mono<Void> cut = reader.cut().flatMap(session::close).cache();
        return Mono.firstWithSignal(up, cut, down, closed).doFinally(signal -> {
            CloseStatus status = seen.get();
            terminal.left(reader, status != null && status.getCode() == CloseStatus.NORMAL.getCode());
        });
    }

    private Iterable<WebSocketMessage> messages(WebSocketSession session, Said said) {
        return switch (said) {
            case Said.Output(Frame frame) -> {
                byte[] bytes = ByteBuffer.allocate(1 + frame.payload().length)
                        .put(frame.type().code())
                        .put(frame.payload())
                        .array();
                yield List.of(session.binaryMessage(buffers -> buffers.wrap(bytes)));
            }
            case Said.Session(String id) -> forPage(session, "session", id);
            case Said.Live() -> forPage(session, "live", "true");
            case Said.Sentence(String text) ->
                page ? forPage(session, "sentence", text) : List.of(session.textMessage(text));
        };
    }

    private Iterable<WebSocketMessage> forPage(WebSocketSession session, String name, String value) {
        return page ? List.of(session.textMessage(JSON.writeValueAsString(Map.of(name, value)))) : List.of();
    }

    private CloseStatus status() {
        String failure = terminal.failure();
        return failure == null ? CloseStatus.NORMAL : new CloseStatus(4000, shortened(failure));
    }

    /** The bytes of a binary message; none for any other. */
    private static byte[] copied(WebSocketMessage message) {
        DataBuffer buffer = message.getPayload();
        byte[] bytes = new byte[message.getType() == WebSocketMessage.Type.BINARY ? buffer.readableByteCount() : 0];
        buffer.read(bytes);
        return bytes;
    }

    private Mono<Void> receive(byte[] bytes) {
        if (bytes.length == 0) {
            return Mono.empty();
        }
        Frame.Type type;
        try {
            type = Frame.Type.of(bytes[0]);
        } catch (IllegalArgumentException e) {
            return Mono.error(e);
        }
        return switch (type) {
            case STDIN, RESIZE, STDIN_END -> terminal.send(type, Arrays.copyOfRange(bytes, 1, bytes.length));
            case STDOUT, STDERR, EXIT, LOG ->
                Mono.error(new IllegalArgumentException("a browser does not send " + type));
        };
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
