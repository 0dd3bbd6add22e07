package io.flotilla.controlplane.terminal;

import io.flotilla.controlplane.dispatch.Turns;
import io.flotilla.protocol.Frame;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.socket.CloseStatus;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One reader of a terminal: takes what is kept from the oldest on, at its own pace. */
final class Attachment {

    private final LiveTerminal terminal;
    private final Turns turns = new Turns();
    private final Sinks.One<CloseStatus> cut = Sinks.one();
    private volatile @Nullable FluxSink<Said> sink;
    private final long liveFrom;
    private long cursor;
    private boolean introduced;
    private boolean live;

    /** Under the terminal's lock. */
    Attachment(LiveTerminal terminal, long first, long next) {
        this.terminal = terminal;
        cursor = first;
        liveFrom = next;
    }

    /** To be subscribed to once; completes when the terminal has ended and everything was said. */
    Flux<Said> said() {
        return Flux.create(
                created -> {
                    sink = created;
                    created.onRequest(n -> drain());
                },
                FluxSink.OverflowStrategy.BUFFER);
    }

    /** Emits when the reader is to be closed before everything was said. */
    Mono<CloseStatus> cut() {
        return cut.asMono();
    }

    void cut(CloseStatus status) {
        cut.tryEmitValue(status);
    }

    /** Under the terminal's lock. */
    long cursor() {
        return cursor;
    }

    /** Whether it was told that the news begin. Under the terminal's lock. */
    boolean live() {
        return live;
    }

    void drain() {
        turns.take(this::deliver);
    }

    private void deliver() {
        FluxSink<Said> to = sink;
        if (to == null) {
            return;
        }
        while (to.requestedFromDownstream() > 0 && !to.isCancelled()) {
            Said said = terminal.next(this);
            if (said == null) {
                break;
            }
            to.next(said);
        }
        if (terminal.allSaid(this)) {
            to.complete();
        }
        terminal.ask();
    }

    /** What comes next, null if nothing does yet. Under the terminal's lock. */
    @Nullable
    Said next(Scrollback kept, String id) {
        if (!introduced) {
            introduced = true;
            return new Said.Session(id);
        }
        if (!live && cursor >= liveFrom) {
            live = true;
            return new Said.Live();
        }
        cursor = Math.max(cursor, kept.first());
        Frame frame = kept.get(cursor);
        if (frame == null) {
            return null;
        }
        cursor++;
        return new Said.Output(frame);
    }
}
