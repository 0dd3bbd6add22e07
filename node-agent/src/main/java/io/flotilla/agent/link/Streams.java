package io.flotilla.agent.link;

import io.flotilla.protocol.AgentMessage;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.ControlMessage;
import io.flotilla.protocol.Frame;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The streams of one session. Every stream is served by a thread of its own; nothing here blocks the session's reader. */
final class Streams {

    private static final int MOST = 512;

    private record Open(Stream stream, Thread thread) {}

    private final Map<Integer, Open> open = new ConcurrentHashMap<>();
    private final StreamServer server;
    private final CommandLog commands;
    private final Outbox outbox;

    Streams(StreamServer server, CommandLog commands, Outbox outbox) {
        this.server = server;
        this.commands = commands;
        this.outbox = outbox;
    }

    void open(ControlMessage.Open message) {
        int id = message.stream();
        if (open.size() >= MOST) {
            refuse(id, "the node serves " + MOST + " streams already", null);
        } else if (!commands.firstTime(message.commandId())) {
            refuse(id, "this command was carried out before", null);
        } else {
            Stream stream = new Stream(id, outbox);
            Thread thread = Thread.ofVirtual().name("stream-" + id).unstarted(() -> serve(message, stream));
            open.put(id, new Open(stream, thread));
            thread.start();
        }
    }

    private void serve(ControlMessage.Open message, Stream stream) {
        int id = message.stream();
        @Nullable String failure = null;
        try {
            StreamServer.Serving serving = server.open(message.target());
            outbox.control(Codec.encode(new AgentMessage.Opened(id, null, null)));
            serving.serve(stream);
        } catch (RefusedException e) {
            stream.shut();
            refuse(id, String.valueOf(e.getMessage()), e.code());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failure = "the agent failed: " + e;
        } finally {
            stream.close(failure);
            open.remove(id);
        }
    }

    private void refuse(int id, String reason, @Nullable Integer code) {
        outbox.control(Codec.encode(new AgentMessage.Opened(id, reason, code)));
    }

    void credit(ControlMessage.Credit message) {
        Open found = open.get(message.stream());
        if (found != null && message.bytes() > 0) {
            found.stream().granted(message.bytes());
        }
    }

    /** The peer ended it. */
    void closed(int id) {
        Open found = open.get(id);
        if (found != null) {
            found.stream().shut();
            found.thread().interrupt();
        }
    }

    /** Frames of a stream that is no longer open are the peer's last words and dropped. */
    void frame(Frame frame) {
        Open found = open.get(frame.stream());
        if (found != null && !found.stream().arrived(frame)) {
            found.stream().close("more was sent than was granted");
            found.thread().interrupt();
        }
    }

    /** The session is over. */
    void closeAll() {
        open.values().forEach(each -> {
            each.stream().shut();
            each.thread().interrupt();
        });
    }
}
