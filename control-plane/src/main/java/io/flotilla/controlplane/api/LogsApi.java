package io.flotilla.controlplane.api;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.alloc.Allocations;
import io.flotilla.controlplane.dispatch.Sessions;
import io.flotilla.controlplane.dispatch.StreamRefused;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.ControlMessage.Target;
import io.flotilla.protocol.LogQuery;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Logs, streamed from the node that has them, no faster than the caller reads. */
@RestController
class LogsApi {

    private final Allocations allocations;
    private final Sessions sessions;
    private final Scheduler blocking;

    LogsApi(Allocations allocations, Sessions sessions, Scheduler blocking) {
        this.allocations = allocations;
        this.sessions = sessions;
        this.blocking = blocking;
    }

    @GetMapping("/api/v1/allocations/{id}/logs")
    Mono<ResponseEntity<Flux<DataBuffer>>> logs(
            Actor actor,
            @PathVariable UUID id,
            @RequestParam(defaultValue = "false") boolean follow,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable Integer tail,
            @RequestParam(required = false) @Nullable Integer attempt,
            ServerHttpResponse response) {
        LogQuery query = query(follow, from, tail, attempt);
        return Mono.fromCallable(() -> allocations.get(actor, id))
                .subscribeOn(blocking)
                .flatMap(view -> sessions.open(view.requireNode(), new Target.Logs(id, query)))
                .onErrorMap(StreamRefused.class, e -> ProblemException.unavailable(String.valueOf(e.getMessage())))
                .map(stream -> ResponseEntity.ok()
                        .contentType(MediaType.APPLICATION_NDJSON)
                        .body(stream.frames()
                                .map(frame -> response.bufferFactory().wrap(frame.payload()))));
    }

    private static LogQuery query(
            boolean follow, @Nullable String from, @Nullable Integer tail, @Nullable Integer attempt) {
        if (from != null && !from.matches("[0-9]{1,9}\\.[0-9]{1,9}\\.[0-9]{1,18}")) {
            throw ProblemException.invalid("from", "must be a cursor as log records carry it");
        }
        if (tail != null && (tail < 0 || tail > 1_000_000)) {
            throw ProblemException.invalid("tail", "must be from 0 to 1000000");
        }
        if (attempt != null && attempt < 1) {
            throw ProblemException.invalid("attempt", "counts from 1");
        }
        return new LogQuery(from, tail, attempt, follow);
    }
}
