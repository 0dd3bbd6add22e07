package io.flotilla.controlplane.api;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.alloc.Allocations;
import io.flotilla.controlplane.report.Change;
import io.flotilla.controlplane.report.Changes;
import io.flotilla.controlplane.workload.WorkloadService;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Changes as server-sent events. An event says that a thing has changed, not how: read it anew. Who comes back with
 * {@code Last-Event-ID}, to whichever control plane of the installation, is first told what changed in between; or, by the
 * event {@code reset}, that nobody knows any more and everything has to be read. A caller that reads too slowly is cut off,
 * and comes back in the same way.
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
    Flux<ServerSentEvent<EventBody>> events(
            Actor actor, @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String last) {
        Sinks.Empty<Void> listening = Sinks.empty();
        Flux<ServerSentEvent<EventBody>> live = Flux.<Change>create(
                        sink -> {
                            subscribe(sink);
                            listening.tryEmitEmpty();
                        },
                        FluxSink.OverflowStrategy.IGNORE)
                .onBackpressureBuffer(WAITING)
                .onErrorComplete(Exceptions::isOverflow)
                .concatMap(change -> told(actor, change));
        // What was missed is looked up only when nothing more can be missed.
        Flux<ServerSentEvent<EventBody>> before = listening
                .asMono()
                .thenMany(Mono.fromCallable(() -> missed(last)).subscribeOn(blocking))
                .concatMap(missed -> switch (missed) {
                    case Missed.Nothing(long newest) ->
                        Mono.just(at(newest).comment("alive").build());
                    case Missed.Unknown(long newest) ->
                        Mono.just(at(newest)
                                .event("reset")
                                .data(new EventBody("all", null))
                                .build());
                    case Missed.These(List<Change> changes) ->
                        Flux.fromIterable(changes).concatMap(change -> told(actor, change));
                });
        Flux<ServerSentEvent<EventBody>> alive = Flux.interval(Duration.ZERO, ALIVE)
                .onBackpressureDrop()
                .map(n -> ServerSentEvent.<EventBody>builder().comment("alive").build());
        Sinks.Empty<Void> over = Sinks.empty();
        return Flux.merge(
                Flux.mergeSequential(before, live).doFinally(end -> over.tryEmitEmpty()),
                alive.takeUntilOther(over.asMono()));
    }

    private sealed interface Missed {
        /** They begin here. */
        record Nothing(long newest) implements Missed {}

        record These(List<Change> changes) implements Missed {}

        record Unknown(long newest) implements Missed {}
    }

    private Missed missed(@Nullable String last) {
        if (last == null) {
            return new Missed.Nothing(changes.newest());
        }
        Optional<List<Change>> known =
                last.matches("[0-9]{1,18}") ? changes.since(Long.parseLong(last)) : Optional.empty();
        return known.<Missed>map(Missed.These::new).orElseGet(() -> new Missed.Unknown(changes.newest()));
    }

    private static ServerSentEvent.Builder<EventBody> at(long seq) {
        ServerSentEvent.Builder<EventBody> event = ServerSentEvent.builder();
        return seq > 0 ? event.id(Long.toString(seq)) : event;
    }

    private Mono<ServerSentEvent<EventBody>> told(Actor actor, Change change) {
        return visible(actor, change)
                .map(seen -> at(seen.seq())
                        .event("change")
                        .data(new EventBody(seen.kind().word(), seen.id()))
                        .build());
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
