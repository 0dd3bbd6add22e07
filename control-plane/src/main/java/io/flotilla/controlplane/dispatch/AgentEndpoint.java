package io.flotilla.controlplane.dispatch;

import io.flotilla.controlplane.identity.web.RequestAttributes;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.Handshake;
import java.nio.ByteBuffer;
import java.util.List;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.socket.CloseStatus;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.WebSocketMessage;
import org.springframework.web.reactive.socket.WebSocketSession;
import org.springframework.web.reactive.socket.server.support.HandshakeWebSocketService;
import org.springframework.web.reactive.socket.server.upgrade.ReactorNettyRequestUpgradeStrategy;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.WebsocketServerSpec;

/** Where agents dial in. */
@RestController
class AgentEndpoint {

    private final Sessions sessions;
    private final HandshakeWebSocketService sockets =
            new HandshakeWebSocketService(new ReactorNettyRequestUpgradeStrategy(
                    // Both before anybody has proved who they are: a few KiB can inflate to any size.
                    () -> WebsocketServerSpec.builder()
                            .compress(true)
                            .maxFramePayloadLength(Codec.MAX_MESSAGE_BYTES)
                            .maxDecompressionBufferSize(Codec.MAX_MESSAGE_BYTES)));

    AgentEndpoint(Sessions sessions) {
        this.sessions = sessions;
    }

    @GetMapping(Handshake.SESSION_PATH)
    Mono<Void> session(ServerWebExchange exchange) {
        String source = RequestAttributes.source(exchange);
        return sockets.handleRequest(exchange, new Handler(sessions, source));
    }

    private record Handler(Sessions sessions, String source) implements WebSocketHandler {

        @Override
        public List<String> getSubProtocols() {
            return List.of(Handshake.SUBPROTOCOL);
        }

        @Override
        public Mono<Void> handle(WebSocketSession socket) {
            AgentSession session =
                    sessions.accept(() -> socket.close(CloseStatus.GOING_AWAY).subscribe(), source);
            session.start();
            Mono<Void> incoming = socket.receive()
                    .doOnNext(message -> received(session, message))
                    .doOnError(error -> session.cut("the connection failed: " + error.getMessage()))
                    .doOnComplete(() -> session.cut("the agent ended the connection"))
                    .then();
            Mono<Void> outgoing = socket.send(session.outgoing().map(item -> message(socket, item)))
                    .then(Mono.defer(() -> socket.close(CloseStatus.NORMAL)));
            return Mono.when(incoming, outgoing)
                    .onErrorComplete()
                    .doFinally(signal -> session.cut("the connection ended"));
        }

        private static WebSocketMessage message(WebSocketSession socket, Outbox.Item item) {
            return switch (item) {
                case Outbox.Item.Text text -> socket.textMessage(text.json());
                case Outbox.Item.Binary binary -> socket.binaryMessage(buffers -> buffers.wrap(binary.frame()));
            };
        }

        private static void received(AgentSession session, WebSocketMessage message) {
            switch (message.getType()) {
                case TEXT -> session.text(message.getPayloadAsText());
                case BINARY -> {
                    DataBuffer payload = message.getPayload();
                    byte[] bytes = new byte[payload.readableByteCount()];
                    payload.read(bytes);
                    session.binary(ByteBuffer.wrap(bytes));
                }
                case PING, PONG -> session.heard();
            }
        }
    }
}
