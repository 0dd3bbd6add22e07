package io.flotilla.controlplane.dispatch;

import io.flotilla.protocol.AgentMessage;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.ControlMessage;
import io.flotilla.protocol.Frame;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * One socket with one agent. What arrives is sorted on the event loop, which never waits: stream frames go to their
 * streams, everything else to one thread that works through it in order and may use the database.
 */
final class AgentSession {

    private static final Logger LOG = LoggerFactory.getLogger(AgentSession.class);
    private static final int INBOX = 1024;
    private static final int MOST_STREAMS = 512;
    private static final long PING_NANOS = Duration.ofSeconds(5).toNanos();
    private static final long SILENT_NANOS = Duration.ofSeconds(15).toNanos();
    private static final long HANDSHAKE_NANOS = Duration.ofSeconds(10).toNanos();

    private record Waiting(AgentStream stream, MonoSink<AgentStream> opened) {}

    private final Conversation conversation;
    private final Outbox outbox = new Outbox();
    private final BlockingQueue<Runnable> inbox = new ArrayBlockingQueue<>(INBOX);
    private final Map<Integer, AgentStream> streams = new ConcurrentHashMap<>();
    private final Map<Integer, Waiting> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger nextStream = new AtomicInteger(1);
    private final AtomicReference<AgentMessage.@Nullable Sample> sample = new AtomicReference<>();
    private final AtomicBoolean deliveryQueued = new AtomicBoolean();
    private final AtomicBoolean over = new AtomicBoolean();
    private final Thread worker;
    private final Runnable cutSocket;
    private final long begunAt = System.nanoTime();
    private volatile long heardAt = begunAt;
    private volatile long pingedAt = begunAt;
    private long pings;

    AgentSession(Conversation conversation, Runnable cutSocket, String source) {
        this.conversation = conversation;
        this.cutSocket = cutSocket;
        worker = Thread.ofVirtual().name("agent-session " + source).unstarted(this::work);
    }

    void start() {
        conversation.begin(this);
        worker.start();
    }

    Flux<Outbox.Item> outgoing() {
        return outbox.flux();
    }

    void send(ControlMessage message) {
        if (!outbox.message(Codec.encode(message))) {
            cut("the agent does not read what it is sent");
        }
    }

    /** Sends what is queued, then ends. */
    void endAfterSending() {
        outbox.close();
    }

    /** Ends now. */
    void cut(String why) {
        if (over.compareAndSet(false, true)) {
            LOG.debug("session of {} ends: {}", conversation.name(), why);
            waiting.values().forEach(each -> each.opened().error(new StreamRefused("the node is away", null)));
            waiting.clear();
            streams.values().forEach(stream -> stream.ended("the node's session ended"));
            streams.clear();
            cutSocket.run();
            // Woken, not interrupted: an interrupt would break the database connection that it may be using.
            inbox.offer(() -> {});
            Thread.ofVirtual().start(() -> conversation.ended(this, why));
        }
    }

    boolean isOver() {
        return over.get();
    }

    /** On the event loop. */
    void text(String json) {
        heard();
        AgentMessage message;
        try {
            message = Codec.agentMessage(json);
        } catch (IllegalArgumentException e) {
            cut("the agent sent a bad message: " + e.getMessage());
            return;
        }
        switch (message) {
            case AgentMessage.Opened opened -> opened(opened);
            case AgentMessage.Credit credit -> {
                AgentStream stream = streams.get(credit.stream());
                if (stream != null) {
                    stream.granted(credit.bytes());
                }
            }
            case AgentMessage.Closed closed -> closed(closed);
            case AgentMessage.Pong pong -> {}
            case AgentMessage.Sample newest -> {
                // Only the newest is worth anything; one task takes whatever is newest when its turn comes.
                if (sample.getAndSet(newest) == null) {
                    queue(() -> {
                        AgentMessage.Sample taken = sample.getAndSet(null);
                        if (taken != null) {
                            conversation.received(this, taken);
                        }
                    });
                }
            }
            case AgentMessage.Hello other -> queue(() -> conversation.received(this, other));
            case AgentMessage.Proof other -> queue(() -> conversation.received(this, other));
            case AgentMessage.Joined other -> queue(() -> conversation.received(this, other));
            case AgentMessage.SpecAnswer other -> queue(() -> conversation.received(this, other));
            case AgentMessage.Events other -> queue(() -> conversation.received(this, other));
            case AgentMessage.Pulling other -> queue(() -> conversation.received(this, other));
            case AgentMessage.LoginWanted other -> queue(() -> conversation.received(this, other));
        }
    }

    /** On the event loop. */
    void binary(ByteBuffer buffer) {
        heard();
        try {
            Frame frame = Frame.decode(buffer);
            AgentStream stream = streams.get(frame.stream());
            // Frames of a stream that was closed from this side are its last words.
            if (stream != null) {
                stream.arrived(frame);
            }
        } catch (IllegalArgumentException e) {
            cut("the agent sent a bad frame: " + e.getMessage());
        }
    }

    /** Also for WebSocket pings, of which the agent sends one every few seconds. */
    void heard() {
        heardAt = System.nanoTime();
        conversation.heard();
    }

    private void queue(Runnable task) {
        if (!inbox.offer(task)) {
            cut("the agent sends faster than it can be understood");
        }
    }

    private void work() {
        try {
            while (!over.get()) {
                inbox.take().run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (DataAccessException | TransactionException e) {
            LOG.warn("session of {} ends: {}", conversation.name(), e.getMessage());
            cut("the database is away");
        } catch (RuntimeException e) {
            LOG.error("session of {} ends", conversation.name(), e);
            cut("the control plane failed");
        }
    }

    /** Looks soon whether the node's spec is stale; several wishes become one. */
    void deliverSoon() {
        if (deliveryQueued.compareAndSet(false, true)) {
            queue(() -> {
                deliveryQueued.set(false);
                conversation.deliver(this);
            });
        }
    }

    /** As {@link #deliverSoon}, if the node does not hold this version. */
    void deliverUnlessHeld(long incarnation, long generation) {
        if (!conversation.holds(incarnation, generation)) {
            deliverSoon();
        }
    }

    /** Called about every second. */
    void tick() {
        long now = System.nanoTime();
        if (!conversation.welcomed()) {
            if (now - begunAt > HANDSHAKE_NANOS) {
                cut("the agent did not finish the handshake in time");
            }
            return;
        }
        if (now - heardAt > SILENT_NANOS) {
            cut("the agent is silent");
        } else if (now - pingedAt > PING_NANOS) {
            pingedAt = now;
            send(new ControlMessage.Ping(++pings));
        }
    }

    Mono<AgentStream> open(ControlMessage.Target target) {
        return Mono.<AgentStream>create(sink -> {
                    if (over.get() || streams.size() + waiting.size() >= MOST_STREAMS) {
                        sink.error(new StreamRefused(
                                over.get() ? "the node is away" : "the node serves too many streams already", null));
                        return;
                    }
                    int id = nextStream.getAndIncrement();
                    AgentStream stream = new AgentStream(id, outbox, () -> {
                        streams.remove(id);
                        waiting.remove(id);
                    });
                    streams.put(id, stream);
                    waiting.put(id, new Waiting(stream, sink));
                    sink.onCancel(() -> stream.close("no longer wanted"));
                    send(new ControlMessage.Open(id, UUID.randomUUID(), target));
                    if (over.get()) {
                        sink.error(new StreamRefused("the node is away", null));
                    }
                })
                .timeout(Duration.ofSeconds(15), Mono.error(() -> new StreamRefused("the node does not answer", null)));
    }

    private void opened(AgentMessage.Opened opened) {
        Waiting waited = waiting.remove(opened.stream());
        if (waited == null) {
            return;
        }
        String refused = opened.refused();
        if (refused == null) {
            waited.opened().success(waited.stream());
        } else {
            streams.remove(opened.stream());
            waited.opened().error(new StreamRefused(refused, opened.code()));
        }
    }

    private void closed(AgentMessage.Closed closed) {
        AgentStream stream = streams.get(closed.stream());
        if (stream != null) {
            Waiting waited = waiting.remove(closed.stream());
            if (waited != null) {
                waited.opened().error(new StreamRefused("the node ended the stream", null));
            }
            stream.ended(closed.reason());
        }
    }
}
