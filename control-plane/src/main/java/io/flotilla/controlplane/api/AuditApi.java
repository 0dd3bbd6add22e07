package io.flotilla.controlplane.api;

import io.flotilla.controlplane.audit.AuditEntry;
import io.flotilla.controlplane.audit.AuditQuery;
import io.flotilla.controlplane.audit.AuditReview;
import io.flotilla.controlplane.audit.Csv;
import io.flotilla.controlplane.audit.Verdict;
import io.flotilla.controlplane.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.scheduler.Scheduler;
import tools.jackson.databind.json.JsonMapper;

/** The audit log: search, check, export. */
@RestController
class AuditApi {

    private static final int USUAL_LIMIT = 100;
    private static final int HIGHEST_LIMIT = 1000;
    private static final List<String> FILTERS = List.of("actor", "action", "target", "result", "from", "to", "text");

    private final AuditReview review;
    private final JsonMapper mapper;
    private final Scheduler blocking;

    AuditApi(AuditReview review, JsonMapper mapper, Scheduler blocking) {
        this.review = review;
        this.mapper = mapper;
        this.blocking = blocking;
    }

    @GetMapping("/api/v1/audit")
    Items<AuditEntry> find(@RequestParam MultiValueMap<String, String> params) {
        requireKnown(params, List.of("after", "limit"));
        int limit = (int) number(params, "limit", USUAL_LIMIT, HIGHEST_LIMIT);
        Long before = params.getFirst("after") == null ? null : number(params, "after", 0, Long.MAX_VALUE);
        List<AuditEntry> found = review.find(query(params), before, limit);
        String next =
                found.size() < limit ? null : Long.toString(found.getLast().seq());
        return new Items<>(found, next);
    }

    @GetMapping("/api/v1/audit/verify")
    Verdict verify() {
        return review.verify();
    }

    /** The unfiltered export in JSON Lines stands oldest first, as the offline check reads it. */
    @GetMapping("/api/v1/audit/export")
    ResponseEntity<Flux<DataBuffer>> export(@RequestParam MultiValueMap<String, String> params) {
        requireKnown(params, List.of("format"));
        String format = params.getFirst("format") == null ? "jsonl" : String.valueOf(params.getFirst("format"));
        AuditQuery query = query(params);
        Flux<String> lines = switch (format) {
            case "jsonl" -> lines(query, entry -> mapper.writeValueAsString(entry) + "\n");
            case "csv" -> Flux.concat(Flux.just(Csv.HEADER), lines(query, Csv::line));
            default -> throw ProblemException.invalid("format", "must be jsonl or csv");
        };
        Flux<DataBuffer> body =
                lines.map(line -> DefaultDataBufferFactory.sharedInstance.wrap(line.getBytes(StandardCharsets.UTF_8)));
        return ResponseEntity.ok()
                .contentType(MediaType.parseMediaType(
                        format.equals("csv") ? "text/csv;charset=UTF-8" : "application/jsonl;charset=UTF-8"))
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"flotilla-audit." + format + "\"")
                .body(body);
    }

    /** Reads only as fast as the browser takes it. */
    private Flux<String> lines(AuditQuery query, Function<AuditEntry, String> line) {
        return Flux.<String>create(
                        sink -> {
                            Consumer<AuditEntry> receiver = entry -> {
                                waitForRoom(sink);
                                sink.next(line.apply(entry));
                            };
                            if (query.equals(AuditQuery.ALL)) {
                                review.all(receiver);
                            } else {
                                review.each(query, receiver);
                            }
                            sink.complete();
                        },
                        FluxSink.OverflowStrategy.BUFFER)
                .subscribeOn(blocking, false);
    }

    private static void waitForRoom(FluxSink<String> sink) {
        while (sink.requestedFromDownstream() == 0) {
            if (sink.isCancelled()) {
                throw new java.util.concurrent.CancellationException("the reader of the export went away");
            }
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
    }

    static AuditQuery query(MultiValueMap<String, String> params) {
        String result = params.getFirst("result");
        if (result != null && !result.equals(AuditEntry.ACCEPTED) && !result.equals(AuditEntry.REFUSED)) {
            throw ProblemException.invalid("result", "must be accepted or refused");
        }
        return new AuditQuery(
                params.getFirst("actor"),
                params.getFirst("action"),
                params.getFirst("target"),
                result,
                time(params, "from"),
                time(params, "to"),
                params.getFirst("text"));
    }

    private static @Nullable Instant time(MultiValueMap<String, String> params, String name) {
        String text = params.getFirst(name);
        try {
            return text == null ? null : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw ProblemException.invalid(name, "must be a time such as 2026-01-31T12:00:00Z");
        }
    }

    private static long number(MultiValueMap<String, String> params, String name, long usual, long highest) {
        String text = params.getFirst(name);
        if (text == null) {
            return usual;
        }
        try {
            long number = Long.parseLong(text);
            if (number >= 1 && number <= highest) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Answered below, as a number beyond the bounds is.
        }
        throw ProblemException.invalid(name, "must be a number from 1 to " + highest);
    }

    private static void requireKnown(MultiValueMap<String, String> params, List<String> besides) {
        for (String name : params.keySet()) {
            if (!FILTERS.contains(name) && !besides.contains(name)) {
                throw ProblemException.invalid(name, "is not a known parameter");
            }
        }
    }
}
