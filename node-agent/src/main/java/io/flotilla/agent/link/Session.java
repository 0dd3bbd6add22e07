package io.flotilla.agent.link;

import io.flotilla.agent.websocket.Message;
import io.flotilla.agent.websocket.WebSocket;
import io.flotilla.protocol.AgentMessage;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.ControlMessage;
import io.flotilla.protocol.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An open session: one thread receives, one sends, one asks for signs of life. */
public final class Session {

    private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(5);

    private final WebSocket socket;
    private final LinkHandler handler;
    private final Outbox outbox = new Outbox();
    private final Streams streams;

    Session(WebSocket socket, LinkHandler handler, StreamServer server, CommandLog commands) {
        this.socket = socket;
        this.handler = handler;
        this.streams = new Streams(server, commands, outbox);
    }

    /** Queues a message. */
    public void send(AgentMessage message) {
        outbox.control(Codec.encode(message));
    }

    /** Queues a message in place of the one of the same key that has not been sent yet. */
    public void sendLatest(String key, AgentMessage message) {
        outbox.latest(key, Codec.encode(message));
    }

    /** Serves the session until it ends. */
    void run(ControlMessage.Welcome welcome) throws IOException {
        Thread sender = Thread.ofVirtual().name("link-send").start(this::sendAll);
        Thread pinger = Thread.ofVirtual().name("link-ping").start(this::pingAll);
        try {
            send(handler.joined());
            handler.opened(this, welcome);
            receiveAll();
        } finally {
            handler.closed(this);
            streams.closeAll();
            outbox.close();
            socket.close();
            sender.interrupt();
            pinger.interrupt();
        }
    }

    private void receiveAll() throws IOException {
        while (true) {
            switch (socket.receive()) {
                case Message.Text text -> received(text.text());
                case Message.Binary binary -> streams.frame(frame(binary.payload()));
                case Message.Closed closed ->
                    throw new LinkException("the control plane ended the session"
                            + (closed.reason().isEmpty() ? "" : ": " + closed.reason()));
            }
        }
    }

    private static Frame frame(byte[] payload) throws IOException {
        try {
            return Frame.decode(ByteBuffer.wrap(payload));
        } catch (IllegalArgumentException e) {
            throw new LinkException("the control plane sent a bad frame: " + e.getMessage(), e);
        }
    }

    private void received(String json) throws IOException {
        ControlMessage message;
        try {
            message = Codec.controlMessage(json);
        } catch (IllegalArgumentException e) {
            throw new LinkException("the control plane sent a bad message: " + e.getMessage(), e);
        }
        switch (message) {
            case ControlMessage.Open open -> streams.open(open);
            case ControlMessage.Credit credit -> streams.credit(credit);
            case ControlMessage.Closed closed -> streams.closed(closed.stream());
            case ControlMessage.Ping ping -> send(new AgentMessage.Pong(ping.id()));
            case ControlMessage.Rejected rejected -> throw new LinkException(rejected.message(), true);
            case ControlMessage.Challenge _, ControlMessage.Welcome _ ->
                throw new LinkException("the control plane began a second handshake");
            case ControlMessage.ApplyNodeSpec _,
                    ControlMessage.EventsStored _,
                    ControlMessage.Login _,
                    ControlMessage.AuditHead _ -> handler.received(this, message);
        }
    }

    private void sendAll() {
        try {
            Outbox.@Nullable Item item = outbox.take();
            while (item != null) {
                switch (item) {
                    case Outbox.Item.Text text -> socket.sendText(text.json());
                    case Outbox.Item.Binary binary -> socket.sendBinary(binary.frame());
                }
                item = outbox.take();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            cut();
        }
    }

    private void pingAll() {
        try {
            while (true) {
                Thread.sleep(SIGN_OF_LIFE);
                socket.ping();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            cut();
        }
    }

    /** Wakes the receiver, which reports why the session is over. */
    void cut() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
