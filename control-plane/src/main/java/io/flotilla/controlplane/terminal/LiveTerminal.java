package io.flotilla.controlplane.terminal;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.dispatch.AgentStream;
import io.flotilla.controlplane.dispatch.StreamRefused;
import io.flotilla.controlplane.recording.Ending;
import io.flotilla.controlplane.recording.Recorder;
import io.flotilla.protocol.Frame;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.web.reactive.socket.CloseStatus;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * One terminal. It takes the node's output into its recording and its scrollback, from which whoever is attached reads.
 * While somebody is, the node is asked for more only when they lag little; while nobody is, output is taken as it comes, so
 * that the command goes on.
 *
 * <p>Order: opened, then attached and left any number of times, then ended once.
 */
final class LiveTerminal {

    static final CloseStatus TAKEN_OVER = new CloseStatus(4001, "another page has taken this terminal");
    private static final CloseStatus NO_ACCESS = CloseStatus.POLICY_VIOLATION.withReason("access has ended");
    private static final CloseStatus STOPPING = new CloseStatus(1012, "the control plane stops");

    private final String id;
    private final Actor owner;
    private final UUID allocation;
    private final Recorder recorder;
    private final Duration grace;
    private final Scheduler blocking;
    private final Consumer<LiveTerminal> gone;
    private final Sinks.One<AgentStream> opened = Sinks.one();
    private final Pump pump = new Pump();
    private final Disposable.Swap watch = Disposables.swap();
    private final Disposable.Swap patience = Disposables.swap();
    private final ReentrantLock lock = new ReentrantLock();
    private final Scrollback kept = new Scrollback();
    private final Deque<Said> lastWords = new ArrayDeque<>();
    private @Nullable Attachment current;
    private @Nullable AgentStream stream;
    private @Nullable Integer exitCode;
    private @Nullable String sentence;
    private boolean exited;
    private boolean flowing;
    private boolean everAttached;
    private boolean asked;
    private boolean ended;

    /** @param grace how long it waits for somebody to come back; zero if nobody can */
    LiveTerminal(
            String id,
            Actor owner,
            UUID allocation,
            Recorder recorder,
            Duration grace,
            Scheduler blocking,
            Consumer<LiveTerminal> gone) {
        this.id = id;
        this.owner = owner;
        this.allocation = allocation;
        this.recorder = recorder;
        this.grace = grace;
        this.blocking = blocking;
        this.gone = gone;
    }

    String id() {
        return id;
    }

    boolean belongsTo(Actor actor) {
        return actor.kind() == owner.kind() && Objects.equals(actor.id(), owner.id());
    }

    boolean isIn(UUID place) {
        return allocation.equals(place);
    }

    /** Begins with what the node opens, or says why it opens nothing. */
    void open(Mono<AgentStream> opening) {
        opening.publishOn(blocking).subscribe(this::opened, this::refused);
    }

    private void opened(AgentStream made) {
        boolean late;
        lock.lock();
        try {
            stream = made;
            late = ended;
        } finally {
            lock.unlock();
        }
        if (late) {
            made.close("the terminal has ended");
            return;
        }
        opened.tryEmitValue(made);
        made.frames().publishOn(blocking, 1).subscribe(pump);
    }

    private void refused(Throwable failure) {
        Integer code = failure instanceof StreamRefused refused ? refused.code() : null;
        opened.tryEmitEmpty();
        end(Ending.REFUSED, code, String.valueOf(failure.getMessage()));
    }

    /** Reads frames one by one, on threads that may block. */
    private final class Pump extends BaseSubscriber<Frame> {

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            lock.lock();
            try {
                flowing = true;
            } finally {
                lock.unlock();
            }
            ask();
        }

        @Override
        protected void hookOnNext(Frame frame) {
            if (frame.type() == Frame.Type.STDOUT || frame.type() == Frame.Type.STDERR) {
                recorder.output(frame.payload());
            }
            Attachment to;
            lock.lock();
            try {
                asked = false;
                if (frame.type() == Frame.Type.EXIT) {
                    exited = true;
                    int code = ByteBuffer.wrap(frame.payload()).getInt();
                    exitCode = code < 0 ? null : code;
                }
                kept.add(frame);
                to = current;
            } finally {
                lock.unlock();
            }
            if (to != null) {
                to.drain();
            }
            ask();
        }

        @Override
        protected void hookOnComplete() {
            end(Ending.EXITED, null, null);
        }

        @Override
        protected void hookOnError(Throwable failure) {
            end(Ending.NODE_AWAY, null, String.valueOf(failure.getMessage()));
        }
    }

    /** Asks the node for one more frame, if nobody is attached or whoever is can take it. */
    void ask() {
        lock.lock();
        try {
            boolean behind = current != null && kept.lag(current.cursor()) >= Frame.WINDOW;
            if (!flowing || asked || ended || behind) {
                return;
            }
            asked = true;
        } finally {
            lock.unlock();
        }
        pump.request(1);
    }

    /**
     * A reader, who takes the terminal from the one before.
     *
     * @param lost completes when this reader may not have the terminal any more, whether still attached or not
     */
    Attachment attach(Mono<Void> lost) {
        Attachment before;
        Attachment made;
        lock.lock();
        try {
            before = current;
            made = new Attachment(this, kept.first(), kept.next());
            current = made;
            everAttached = true;
        } finally {
            lock.unlock();
        }
        patience.update(Disposables.single());
        watch.update(lost.publishOn(blocking).subscribe(nothing -> {}, error -> {}, this::accessEnded));
        if (before != null) {
            before.cut(TAKEN_OVER);
        }
        return made;
    }

    private void accessEnded() {
        Attachment told = attached();
        if (told != null) {
            told.cut(NO_ACCESS);
        }
        end(Ending.ACCESS_ENDED, null, null);
    }

    /** The reader is gone; for good if they said so or nobody can come back. */
    void left(Attachment reader, boolean forGood) {
        lock.lock();
        try {
            if (current != reader || ended) {
                return;
            }
            current = null;
        } finally {
            lock.unlock();
        }
        ask();
        Mono<?> wait = forGood || grace.isZero() ? Mono.empty() : Mono.delay(grace);
        patience.update(wait.publishOn(blocking).subscribe(tick -> {}, error -> {}, this::endUnlessAttached));
    }

    /** The WebSocket that it was made for never came to be. */
    void endUnlessEverAttached() {
        lock.lock();
        try {
            if (everAttached) {
                return;
            }
        } finally {
            lock.unlock();
        }
        endUnlessAttached();
    }

    private void endUnlessAttached() {
        if (attached() == null) {
            end(Ending.LEFT, null, null);
        }
    }

    private @Nullable Attachment attached() {
        lock.lock();
        try {
            return current;
        } finally {
            lock.unlock();
        }
    }

    /** The control plane stops. */
    void interrupt() {
        Attachment told = attached();
        if (told != null) {
            told.cut(STOPPING);
        }
        end(Ending.INTERRUPTED, null, null);
    }

    private void end(Ending cause, @Nullable Integer code, @Nullable String why) {
        AgentStream toClose;
        Attachment reader;
        Ending truth;
        Integer known;
        lock.lock();
        try {
            if (ended) {
                return;
            }
            ended = true;
            truth = exited ? Ending.EXITED : cause;
            if (!exited && why != null) {
                exitCode = code;
                sentence = why;
                lastWords.add(new Said.Sentence(why));
                lastWords.add(new Said.Output(Frame.exit(0, code == null ? -1 : code)));
            }
            known = exitCode;
            toClose = stream;
            reader = current;
        } finally {
            lock.unlock();
        }
        if (toClose != null) {
            toClose.close("the terminal has ended");
        }
        watch.dispose();
        patience.dispose();
        gone.accept(this);
        if (reader != null) {
            reader.drain();
        }
        recorder.end(truth, known);
    }

    /** For an attachment: what it is to say next, null for nothing yet. */
    @Nullable
    Said next(Attachment reader) {
        lock.lock();
        try {
            if (reader != current) {
                return null;
            }
            Said said = reader.next(kept, id);
            return said == null && ended ? lastWords.poll() : said;
        } finally {
            lock.unlock();
        }
    }

    /** For an attachment: whether nothing will follow. */
    boolean allSaid(Attachment reader) {
        lock.lock();
        try {
            return ended && lastWords.isEmpty() && reader.live() && kept.get(reader.cursor()) == null;
        } finally {
            lock.unlock();
        }
    }

    /** How the WebSocket of a reader who was told everything is closed. */
    @Nullable
    String failure() {
        lock.lock();
        try {
            return sentence;
        } finally {
            lock.unlock();
        }
    }

    /** Done when the node has room for more. */
    Mono<Void> send(Frame.Type type, byte[] payload) {
        Mono<Void> sent = opened.asMono().flatMap(to -> to.send(type, payload));
        if (type != Frame.Type.RESIZE || payload.length != 4) {
            return sent;
        }
        ByteBuffer size = ByteBuffer.wrap(payload);
        int columns = Short.toUnsignedInt(size.getShort());
        int rows = Short.toUnsignedInt(size.getShort());
        return sent.then(
                Mono.<Void>fromRunnable(() -> recorder.resize(columns, rows)).subscribeOn(blocking));
    }
}
