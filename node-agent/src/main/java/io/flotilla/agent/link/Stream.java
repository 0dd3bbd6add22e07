package io.flotilla.agent.link;

import io.flotilla.protocol.AgentMessage;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.Frame;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One byte stream of a session, as the one who serves it sees it. Sending waits for credit, so a peer that does not read
 * stops its own stream and nothing else.
 */
public final class Stream {

    private final int id;
    private final Outbox outbox;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Frame> arrived = new ArrayDeque<>();
    private int mayArrive = Frame.WINDOW;
    private int credit = Frame.WINDOW;
    private boolean closed;

    Stream(int id, Outbox outbox) {
        this.id = id;
        this.outbox = outbox;
    }

    /**
     * Sends a payload, waiting for credit where its type needs some.
     *
     * @return false when the stream is closed; the payload is lost then
     */
    public boolean send(Frame.Type type, byte[] payload) throws InterruptedException {
        int sent = 0;
        do {
            int piece = Math.min(payload.length - sent, Frame.WINDOW / 2);
            if (!awaitCredit(type.counted() ? piece : 0)) {
                return false;
            }
            byte[] part = sent == 0 && piece == payload.length
                    ? payload
                    : java.util.Arrays.copyOfRange(payload, sent, sent + piece);
            outbox.stream(id, new Outbox.Item.Binary(new Frame(type, id, part).encode()));
            sent += piece;
        } while (sent < payload.length);
        return true;
    }

    private boolean awaitCredit(int bytes) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (credit < bytes && !closed) {
                changed.await();
            }
            credit -= bytes;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** The next frame from the peer; its bytes are granted again at once. Null when the stream is closed. */
    public @Nullable Frame take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (arrived.isEmpty() && !closed) {
                changed.await();
            }
            Frame frame = arrived.poll();
            if (frame != null && frame.type().counted() && frame.payload().length > 0) {
                mayArrive += frame.payload().length;
                outbox.control(Codec.encode(new AgentMessage.Credit(id, frame.payload().length)));
            }
            return frame;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the stream from this side, after everything that was sent on it. */
    public void close(@Nullable String reason) {
        if (shut()) {
            outbox.stream(id, new Outbox.Item.Text(Codec.encode(new AgentMessage.Closed(id, reason))));
        }
    }

    /** Whether either side has ended it. */
    public boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** The peer, or the end of the session, has ended it. Returns false when it was ended before. */
    boolean shut() {
        lock.lock();
        try {
            boolean first = !closed;
            closed = true;
            changed.signalAll();
            return first;
        } finally {
            lock.unlock();
        }
    }

    /** A frame has arrived. False: the peer has sent more than it was granted. */
    boolean arrived(Frame frame) {
        lock.lock();
        try {
            if (frame.type().counted()) {
                mayArrive -= frame.payload().length;
            }
            boolean tooMany = arrived.size() > Frame.WINDOW;
            if (mayArrive < 0 || tooMany) {
                return false;
            }
            arrived.add(frame);
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    void granted(int bytes) {
        lock.lock();
        try {
            credit = (int) Math.min(Integer.MAX_VALUE, (long) credit + bytes);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
