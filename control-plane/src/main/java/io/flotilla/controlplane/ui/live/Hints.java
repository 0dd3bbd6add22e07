package io.flotilla.controlplane.ui.live;

import io.flotilla.controlplane.report.Change;
import io.flotilla.controlplane.report.Changes;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/** Change hints as a stream. A hint says that something may have changed, so only the newest is kept. */
@Component
public class Hints {

    private final Changes changes;

    Hints(Changes changes) {
        this.changes = changes;
    }

    public Flux<Change> all() {
        return Flux.create(
                sink -> {
                    AutoCloseable subscription = changes.subscribe(sink::next);
                    sink.onDispose(() -> close(subscription));
                },
                FluxSink.OverflowStrategy.LATEST);
    }

    private static void close(AutoCloseable subscription) {
        try {
            subscription.close();
        } catch (Exception e) {
            throw new IllegalStateException("end a subscription of hints", e);
        }
    }
}
