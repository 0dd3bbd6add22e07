package io.flotilla.controlplane.dispatch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * What waits to be sent to one agent. Messages overtake frames; frames wait for no credit here, since streams put them in
 * only when they have it. A peer that stops reading altogether is given up when too much waits.
 */
final class Outbox {

    /** One thing to send. */
    sealed interface Item {
        record Text(String json) implements Item {}

        @SuppressWarnings("ArrayRecordComponent") // Lives for one hop and is never compared.
        record Binary(byte[] frame) implements Item {}
    }

    private static final long MOST_BYTES = 32L << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Turns turns = new Turns();
    private final Deque<Item> messages = new ArrayDeque<>();
    private final Deque<Item> frames = new ArrayDeque<>();
    private volatile @Nullable FluxSink<Item> sink;
    private long bytes;
    private boolean closing;

    /** To be subscribed once. */
    Flux<Item> flux() {
        return Flux.create(
                created -> {
                    lock.lock();
                    try {
                        sink = created;
                    } finally {
                        lock.unlock();
                    }
                    created.onRequest(n -> drain());
                    drain();
                },
                FluxSink.OverflowStrategy.BUFFER);
    }

    /** False if too much waits already: the session is to be cut. */
    boolean message(String json) {
        return add(messages, new Item.Text(json), json.length());
    }

    boolean frame(byte[] frame) {
        return add(frames, new Item.Binary(frame), frame.length);
    }

    /** A message that comes after all frames that wait. */
    boolean afterFrames(String json) {
        return add(frames, new Item.Text(json), json.length());
    }

    /** Ends the flux once everything is sent. */
    void close() {
        lock.lock();
        try {
            closing = true;
        } finally {
            lock.unlock();
        }
        drain();
    }

    private boolean add(Deque<Item> queue, Item item, int size) {
        lock.lock();
        try {
            if (closing) {
                return true;
            }
            if (bytes + size > MOST_BYTES) {
                return false;
            }
            bytes += size;
            queue.addLast(item);
        } finally {
            lock.unlock();
        }
        drain();
        return true;
    }

    private void drain() {
        turns.take(this::send);
    }

    private void send() {
        FluxSink<Item> to = sink;
        while (to != null && to.requestedFromDownstream() > 0) {
            Item item = next();
            if (item == null) {
                break;
            }
            to.next(item);
        }
        if (to != null && done()) {
            to.complete();
        }
    }

    private @Nullable Item next() {
        lock.lock();
        try {
            Item item = messages.isEmpty() ? frames.pollFirst() : messages.pollFirst();
            bytes -= switch (item) {
                case null -> 0;
                case Item.Text text -> text.json().length();
                case Item.Binary binary -> binary.frame().length;
            };
            return item;
        } finally {
            lock.unlock();
        }
    }

    private boolean done() {
        lock.lock();
        try {
            return closing && messages.isEmpty() && frames.isEmpty();
        } finally {
            lock.unlock();
        }
    }
}
