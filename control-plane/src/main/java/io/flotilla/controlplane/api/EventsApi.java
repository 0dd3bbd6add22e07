package io.flotilla.controlplane.api;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.alloc.Allocations;
import io.flotilla.controlplane.report.Change;
import io.flotilla.controlplane.report.Changes;
import io.flotilla.controlplane.workload.WorkloadService;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.BufferOverflowStrategy;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Changes as server-sent events. An event says that a thing has changed, not how: read it anew. A caller that reads slowly
 * misses events and is then told to read everything.
 */
@RestController
class EventsApi {

    private static final int WAITING = 1024;
    private static final Duration ALIVE = Duration.ofSeconds(15);

    /** @param id null: events may have been missed, so read everything of the kind anew */
    record EventBody(String kind, @Nullable UUID id) {}

    private final Changes changes;
    private final WorkloadService workloads;
    private final Allocations allocations;
    private final Scheduler blocking;

    EventsApi(Changes changes, WorkloadService workloads, Allocations allocations, Scheduler blocking) {
        this.changes = changes;
        this.workloads = workloads;
        this.allocations = allocations;
        this.blocking = blocking;
    }

    @GetMapping(path = "/api/v1/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Flux<ServerSentEvent<EventBody>> events(Actor actor) {
        Flux<ServerSentEvent<EventBody>> told = Flux.<Change>create(this::subscribe, FluxSink.OverflowStrategy.IGNORE)
                .onBackpressureBuffer(WAITING, dropped -> {}, BufferOverflowStrategy.DROP_OLDEST)
                .concatMap(change -> visible(actor, change))
                .map(change -> ServerSentEvent.builder(
                                new EventBody(change.kind().word(), change.id()))
                        .event("change")
                        .build());
        Flux<ServerSentEvent<EventBody>> alive = Flux.interval(Duration.ZERO, ALIVE)
                .map(n -> ServerSentEvent.<EventBody>builder().comment("alive").build());
        return Flux.merge(told, alive);
    }

    private void subscribe(FluxSink<Change> sink) {
        AutoCloseable subscription = changes.subscribe(sink::next);
        sink.onDispose(() -> {
            try {
                subscription.close();
            } catch (Exception e) {
                throw new IllegalStateException("ending a subscription", e);
            }
        });
    }

    private Mono<Change> visible(Actor actor, Change change) {
        UUID id = change.id();
        if (id == null || actor.seesAllTeams()) {
            return Mono.just(change);
        }
        return switch (change.kind()) {
            case NODE, IMAGE -> Mono.just(change);
            case WORKLOAD -> ifSeen(actor, change, () -> workloads.team(id));
            case ALLOCATION -> ifSeen(actor, change, () -> allocations.team(id));
        };
    }

    private interface TeamLookup {
        Optional<UUID> team();
    }

    private Mono<Change> ifSeen(Actor actor, Change change, TeamLookup lookup) {
        return Mono.fromCallable(() -> lookup.team().filter(actor::maySee).isPresent())
                .subscribeOn(blocking)
                .filter(seen -> seen)
                .map(seen -> change);
    }
}
