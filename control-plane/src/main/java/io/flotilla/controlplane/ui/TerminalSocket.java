package io.flotilla.controlplane.ui;

import io.flotilla.controlplane.dispatch.AgentStream;
import io.flotilla.protocol.Frame;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.reactivestreams.Publisher;
import org.springframework.web.reactive.socket.CloseStatus;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.WebSocketMessage;
import org.springframework.web.reactive.socket.WebSocketSession;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Joins a browser's terminal with a stream to the node. A binary message is a type byte and its payload, with the
 * numbers of {@link Frame.Type}. A browser that does not read holds back only its own stream.
 */
record TerminalSocket(Mono<AgentStream> opening) implements WebSocketHandler {

    @Override
    public Mono<Void> handle(WebSocketSession session) {
        return opening.flatMap(stream -> join(session, stream))
                .onErrorResume(e -> session.send(Mono.just(session.textMessage(String.valueOf(e.getMessage()))))
                        .then(session.close(CloseStatus.NORMAL)));
    }

    private static Mono<Void> join(WebSocketSession session, AgentStream stream) {
        Mono<Void> down = session.receive()
                .concatMap(message -> send(stream, message), 1)
                .then(Mono.fromRunnable(() -> stream.close("the browser left")));
        Publisher<WebSocketMessage> up = stream.frames()
                .map(frame -> session.binaryMessage(factory -> factory.wrap(bytes(frame))))
                .onErrorResume(e -> Flux.just(session.textMessage(String.valueOf(e.getMessage()))));
        Mono<Void> sent = session.send(up).then(session.close(CloseStatus.NORMAL));
        return Mono.firstWithSignal(sent, down.then(session.close(CloseStatus.NORMAL)));
    }

    private static Mono<Void> send(AgentStream stream, WebSocketMessage message) {
        byte[] bytes = new byte[message.getPayload().readableByteCount()];
        message.getPayload().read(bytes);
        if (message.getType() != WebSocketMessage.Type.BINARY || bytes.length == 0) {
            return Mono.empty();
        }
        Frame.Type type = Frame.Type.of(bytes[0]);
        return switch (type) {
            case STDIN, RESIZE, STDIN_END -> stream.send(type, Arrays.copyOfRange(bytes, 1, bytes.length));
            case STDOUT, STDERR, EXIT, LOG -> Mono.empty();
        };
    }

    private static byte[] bytes(Frame frame) {
        return ByteBuffer.allocate(1 + frame.payload().length)
                .put(frame.type().code())
                .put(frame.payload())
                .array();
    }
}
