package io.flotilla.controlplane.dispatch;

import io.flotilla.protocol.Codec;
import io.flotilla.protocol.ControlMessage;
import io.flotilla.protocol.Frame;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * One byte stream to a node. What arrives waits here until its consumer asks for it, and only then is the node granted
 * more: at most one window of 64 KiB is ever held for a consumer that is slow, or stuck for good.
 */
public final class AgentStream {

    private record Pending(Frame frame, @Nullable MonoSink<Void> done) {}

    private final int id;
    private final Outbox outbox;
    private final Runnable ended;
    private final ReentrantLock lock = new ReentrantLock();
    private final Turns turns = new Turns();
    private final Deque<Frame> arrived = new ArrayDeque<>();
    private final Deque<Pending> pending = new ArrayDeque<>();
    private volatile @Nullable FluxSink<Frame> sink;
    private int mayArrive = Frame.WINDOW;
    private int consumed;
    private int credit = Frame.WINDOW;
    private boolean closed;
    private @Nullable String failure;

    AgentStream(int id, Outbox outbox, Runnable ended) {
        this.id = id;
        this.outbox = outbox;
        this.ended = ended;
    }

    /**
     * What the node sends, to be subscribed once; ends when the node has ended the stream, with {@link StreamRefused} if it
     * gave a reason. Cancelling closes the stream.
     */
    public Flux<Frame> frames() {
        return Flux.create(
                created -> {
                    lock.lock();
                    try {
                        sink = created;
                    } finally {
                        lock.unlock();
                    }
                    created.onRequest(n -> drain());
                    created.onCancel(() -> close(null));
                    drain();
                },
                FluxSink.OverflowStrategy.BUFFER);
    }

    /** Sends a frame's type and payload; done when it was handed to the socket's queue, which waits for the node's credit. */
    public Mono<Void> send(Frame.Type type, byte[] payload) {
        return Mono.create(done -> {
            lock.lock();
            try {
                if (closed) {
                    done.success();
                    return;
                }
                int sent = 0;
                do {
                    int piece = Math.min(payload.length - sent, Frame.WINDOW / 2);
                    boolean last = sent + piece >= payload.length;
                    byte[] part = Arrays.copyOfRange(payload, sent, sent + piece);
                    pending.addLast(new Pending(new Frame(type, id, part), last ? done : null));
                    sent += piece;
                } while (sent < payload.length);
            } finally {
                lock.unlock();
            }
            push();
        });
    }

    /** Ends the stream from this side; what has arrived and was not read is dropped. */
    public void close(@Nullable String reason) {
        if (shut(null, true)) {
            outbox.afterFrames(Codec.encode(new ControlMessage.Closed(id, reason)));
            ended.run();
        }
    }

    private void push() {
        List<MonoSink<Void>> handed = new ArrayList<>();
        lock.lock();
        try {
            while (!pending.isEmpty()) {
                Frame frame = pending.getFirst().frame();
                int cost = frame.type().counted() ? frame.payload().length : 0;
                if (cost > credit) {
                    break;
                }
                credit -= cost;
                outbox.frame(frame.encode());
                MonoSink<Void> done = pending.removeFirst().done();
                if (done != null) {
                    handed.add(done);
                }
            }
        } finally {
            lock.unlock();
        }
        handed.forEach(MonoSink::success);
    }

    /** The node grants more. */
    void granted(int bytes) {
        lock.lock();
        try {
            credit = (int) Math.min(Integer.MAX_VALUE, (long) credit + Math.max(0, bytes));
        } finally {
            lock.unlock();
        }
        push();
    }

    /** A frame has come from the node. */
    void arrived(Frame frame) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            mayArrive -= frame.type().counted() ? frame.payload().length : 0;
            if (mayArrive >= 0 && arrived.size() < Frame.WINDOW) {
                arrived.addLast(frame);
            } else {
                failure = "the node sent more than it was granted";
            }
        } finally {
            lock.unlock();
        }
        if (failure != null) {
            close(failure);
        }
        drain();
    }

    /** The node, or the end of the session, has ended it; what has arrived is still delivered. */
    void ended(@Nullable String reason) {
        if (shut(reason, false)) {
            ended.run();
        }
        drain();
    }

    private boolean shut(@Nullable String reason, boolean drop) {
        Deque<Pending> unsent;
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            closed = true;
            failure = failure == null ? reason : failure;
            if (drop) {
                arrived.clear();
            }
            unsent = new ArrayDeque<>(pending);
            pending.clear();
        } finally {
            lock.unlock();
        }
        unsent.forEach(each -> {
            MonoSink<Void> done = each.done();
            if (done != null) {
                done.success();
            }
        });
        drain();
        return true;
    }

    private void drain() {
        turns.take(this::deliver);
    }

    private void deliver() {
        FluxSink<Frame> to = sink;
        if (to == null) {
            return;
        }
        for (Frame frame = next(to); frame != null; frame = next(to)) {
            to.next(frame);
        }
        boolean over;
        @Nullable String why;
        lock.lock();
        try {
            grant();
            over = closed && arrived.isEmpty();
            why = failure;
        } finally {
            lock.unlock();
        }
        if (!over) {
            return;
        }
        if (why == null) {
            to.complete();
        } else {
            to.error(new StreamRefused(why, null));
        }
    }

    private @Nullable Frame next(FluxSink<Frame> to) {
        lock.lock();
        try {
            Frame frame = to.requestedFromDownstream() > 0 ? arrived.pollFirst() : null;
            consumed += frame != null && frame.type().counted() ? frame.payload().length : 0;
            return frame;
        } finally {
            lock.unlock();
        }
    }

    /** In larger pieces: a grant for every line would double the messages. */
    private void grant() {
        boolean worth =
                consumed >= Frame.WINDOW / 4 || (consumed > 0 && arrived.isEmpty() && mayArrive < Frame.WINDOW / 2);
        if (!closed && worth) {
            outbox.message(Codec.encode(new ControlMessage.Credit(id, consumed)));
            mayArrive += consumed;
            consumed = 0;
        }
    }
}
