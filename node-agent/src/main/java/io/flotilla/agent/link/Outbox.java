package io.flotilla.agent.link;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be sent in one session. Control messages overtake the bytes of streams; streams take turns. A stream's
 * part is bounded by its credit, the control part by what is asked of it and by coalescing.
 */
final class Outbox {

    /** A text message, or the bytes of a frame. */
    sealed interface Item {
        record Text(String json) implements Item {}

        @SuppressWarnings("ArrayRecordComponent") // Lives for one hop and is never compared.
        record Binary(byte[] frame) implements Item {}
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final Deque<String> control = new ArrayDeque<>();
    private final Map<String, String> latest = new LinkedHashMap<>();
    private final Map<Integer, Deque<Item>> streams = new LinkedHashMap<>();
    private boolean closed;

    void control(String json) {
        lock.lock();
        try {
            control.add(json);
            filled.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Sends this, and not the one of the same key that may still be waiting. */
    void latest(String key, String json) {
        lock.lock();
        try {
            latest.put(key, json);
            filled.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Keeps its place behind what the stream has already been given. */
    void stream(int stream, Item item) {
        lock.lock();
        try {
            streams.computeIfAbsent(stream, _ -> new ArrayDeque<>()).add(item);
            filled.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The next to send; null when the session is over. */
    @Nullable
    Item take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                Item next = poll();
                if (next != null) {
                    return next;
                }
                filled.await();
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Item poll() {
        String json = control.poll();
        if (json != null) {
            return new Item.Text(json);
        }
        var coalesced = latest.entrySet().iterator();
        if (coalesced.hasNext()) {
            Item item = new Item.Text(coalesced.next().getValue());
            coalesced.remove();
            return item;
        }
        var turns = streams.entrySet().iterator();
        if (!turns.hasNext()) {
            return null;
        }
        Map.Entry<Integer, Deque<Item>> turn = turns.next();
        int stream = turn.getKey();
        Deque<Item> queue = turn.getValue();
        Item item = queue.poll();
        turns.remove();
        if (!queue.isEmpty()) {
            streams.put(stream, queue);
        }
        return item;
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            filled.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
