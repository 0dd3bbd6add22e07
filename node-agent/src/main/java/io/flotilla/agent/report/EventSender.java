package io.flotilla.agent.report;

import io.flotilla.protocol.AgentMessage;
import io.flotilla.protocol.AllocEvent;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends the journal's events in order, a bounded number ahead of what is known to be stored. What stays unanswered is
 * sent again.
 */
public final class EventSender {

    private static final int BATCH = 100;
    private static final long MOST_AHEAD = 1000;
    private static final Duration UNANSWERED = Duration.ofSeconds(5);

    private final Journal journal;
    private final LongSupplier nanoTime;
    private @Nullable Consumer<AgentMessage> out;
    private long sent;
    private long stored;
    private long progressAt;

    /** @param nanoTime a monotonic clock */
    public EventSender(Journal journal, LongSupplier nanoTime) {
        this.journal = journal;
        this.nanoTime = nanoTime;
    }

    /** A session is open: everything that is not known to be stored goes out again. */
    public synchronized void open(Consumer<AgentMessage> session) {
        out = session;
        sent = 0;
        stored = 0;
        progressAt = nanoTime.getAsLong();
        send();
    }

    /** The session is over. */
    public synchronized void close() {
        out = null;
    }

    /** There may be new events, or time has passed. */
    public synchronized void send() {
        Consumer<AgentMessage> session = out;
        if (session == null) {
            return;
        }
        long now = nanoTime.getAsLong();
        if (sent > stored && now - progressAt > UNANSWERED.toNanos()) {
            sent = stored;
            progressAt = now;
        }
        while (sent - stored < MOST_AHEAD) {
            List<AllocEvent> batch = journal.pendingAfter(sent, BATCH);
            if (batch.isEmpty()) {
                return;
            }
            if (sent <= stored) {
                // What is stored has left the journal: count from what is still there.
                stored = Math.max(stored, batch.getFirst().seq() - 1);
                progressAt = now;
            }
            session.accept(new AgentMessage.Events(batch));
            sent = batch.getLast().seq();
        }
    }

    /** Everything up to this event is stored at the control plane; {@link Journal#stored} has been told. */
    public synchronized void stored(long seq) {
        stored = Math.max(stored, seq);
        progressAt = nanoTime.getAsLong();
        send();
    }
}
