package io.flotilla.protocol.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer as a stream that gives up when no byte comes for a while: the client's own request timeout ends
 * with the headers. Holds one delivery at a time, so that a slow reader slows the connection down instead of filling memory.
 */
final class BodyStream extends InputStream implements BodySubscriber<BodyStream> {

    private sealed interface Event {}

    private record Bytes(List<ByteBuffer> buffers) implements Event {}

    private record End(@Nullable Throwable failure) implements Event {}

    private final Duration stall;
    // One delivery is asked for at a time; the end may follow it unasked, and a cancelled stream gets one more of our
    // own.
    private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(4);
    private final CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();
    private final Queue<ByteBuffer> pending = new ArrayDeque<>();
    private @Nullable End end;
    private volatile boolean closed;

    BodyStream(Duration stall) {
        this.stall = stall;
    }

    @Override
    public CompletionStage<BodyStream> getBody() {
        return CompletableFuture.completedStage(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        if (!subscribed.complete(subscription)) {
            subscription.cancel();
            return;
        }
        subscription.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> item) {
        var _ = events.offer(new Bytes(item));
    }

    @Override
    public void onError(Throwable throwable) {
        var _ = events.offer(new End(throwable));
    }

    @Override
    public void onComplete() {
        var _ = events.offer(new End(null));
    }

    @Override
    public int read() throws IOException {
        ByteBuffer buffer = next();
        return buffer == null ? -1 : buffer.get() & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        ByteBuffer buffer = next();
        if (buffer == null) {
            return -1;
        }
        int count = Math.min(length, buffer.remaining());
        buffer.get(target, offset, count);
        return count;
    }

    private @Nullable ByteBuffer next() throws IOException {
        while (true) {
            ByteBuffer first = pending.peek();
            if (first != null && first.hasRemaining()) {
                return first;
            }
            if (first != null) {
                pending.remove();
                if (pending.isEmpty()) {
                    subscribed.join().request(1);
                }
                continue;
            }
            if (end == null) {
                take();
                continue;
            }
            if (end.failure != null) {
                throw new IOException(end.failure.getMessage(), end.failure);
            }
            return null;
        }
    }

    private void take() throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
        try {
            switch (events.poll(stall.toNanos(), TimeUnit.NANOSECONDS)) {
                case Bytes bytes -> accept(bytes.buffers);
                case End last -> end = last;
                case null -> {
                    close();
                    throw new IOException("no byte came for " + stall.toSeconds() + " s");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new InterruptedIOException("interrupted");
        }
    }

    private void accept(List<ByteBuffer> buffers) {
        buffers.stream().filter(ByteBuffer::hasRemaining).forEach(pending::add);
        if (pending.isEmpty()) {
            subscribed.join().request(1);
        }
    }

    /** Ends the transfer; the connection is dropped unless the body has been read to its end. */
    @Override
    public void close() {
        closed = true;
        var _ = subscribed.thenAccept(Flow.Subscription::cancel);
        var _ = events.offer(new End(new IOException("the stream is closed")));
    }
}
