package io.flotilla.controlplane.ui.logs;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.alloc.Allocations;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.ui.logs.LogsPage.Choice;
import io.flotilla.controlplane.ui.logs.LogsPage.Filter;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.words.Sentences;
import io.flotilla.controlplane.ui.words.Statuses;
import io.flotilla.controlplane.workload.WorkloadService;
import io.flotilla.controlplane.workload.WorkloadView;
import io.flotilla.protocol.LogQuery;
import io.flotilla.protocol.LogRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ContentDisposition;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.stereotype.Controller;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.util.UriComponentsBuilder;
import reactor.core.publisher.Flux;

/** Logs of one allocation: a page of chunks, a stream of new ones, a download. */
@Controller
class LogsController {

    private static final Logger LOG = LoggerFactory.getLogger(LogsController.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration CALM = Duration.ofMillis(250);
    private static final int MOST_LINES = 100_000;

    private final WorkloadService workloads;
    private final Allocations allocations;
    private final LogReader reader;
    private final LogChunks chunks;

    LogsController(WorkloadService workloads, Allocations allocations, LogReader reader, LogChunks chunks) {
        this.workloads = workloads;
        this.allocations = allocations;
        this.reader = reader;
        this.chunks = chunks;
    }

    @GetMapping("/workloads/{id}/logs")
    Page logs(
            Actor actor,
            @PathVariable UUID id,
            @RequestParam(required = false) @Nullable UUID allocation,
            ServerWebExchange exchange) {
        WorkloadView workload = workloads.get(actor, id);
        List<AllocationView> placed = allocations.list(actor, id, null, null, Page.MOST).stream()
                .filter(candidate -> candidate.nodeId() != null)
                .sorted(Comparator.comparing(AllocationView::ended))
                .toList();
        AllocationView chosen = choose(placed, allocation);
        Filter filter = filter(exchange.getRequest().getQueryParams());
        return Page.of("logs").with("logs", page(actor, workload, placed, chosen, filter));
    }

    /** New lines as the same HTML that the page is made of; the event's id is the cursor to go on from. */
    @GetMapping(path = "/allocations/{id}/logs/follow", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @ResponseBody
    Flux<ServerSentEvent<String>> follow(Actor actor, @PathVariable UUID id, ServerWebExchange exchange) {
        Filter filter = filter(exchange.getRequest().getQueryParams());
        String last = exchange.getRequest().getHeaders().getFirst("Last-Event-ID");
        String from = last != null && !last.isBlank() ? last : filter.from().isEmpty() ? null : filter.from();
        LogQuery query = new LogQuery(from, from == null ? 0 : null, null, true);
        return reader.read(actor, id, query)
                .filter(record -> from == null || !record.cursor().equals(from))
                .filter(record -> wanted(record, filter))
                .bufferTimeout(LogText.CHUNK, CALM)
                .onBackpressureBuffer(64)
                .concatMap(records -> Flux.just(event(records, filter)), 1)
                .concatWith(Flux.just(end("The container ended.")))
                .onErrorResume(e -> Flux.just(end(Sentences.of(String.valueOf(e.getMessage())))));
    }

    @GetMapping("/allocations/{id}/logs/download")
    @ResponseBody
    ResponseEntity<Flux<String>> download(Actor actor, @PathVariable UUID id, ServerWebExchange exchange) {
        Filter filter = filter(exchange.getRequest().getQueryParams());
        Flux<String> lines = reader.read(actor, id, new LogQuery(null, null, null, false))
                .filter(record -> wanted(record, filter) && asked(record, filter))
                .map(LogsController::line);
        return ResponseEntity.ok()
                .headers(headers -> headers.setContentDisposition(ContentDisposition.attachment()
                        .filename("allocation-" + id + ".log")
                        .build()))
                .contentType(MediaType.TEXT_PLAIN)
                .body(lines);
    }

    private LogsPage page(
            Actor actor,
            WorkloadView workload,
            List<AllocationView> placed,
            @Nullable AllocationView chosen,
            Filter filter) {
        String next = null;
        String away = null;
        LogText text = new LogText(filter.q(), filter.only(), filter.from().isEmpty() ? null : filter.from());
        if (chosen != null) {
            try {
                next = read(actor, chosen.id(), filter, text);
            } catch (RuntimeException e) {
                LOG.debug("logs of {} not read", chosen.id(), e);
                away = why(e);
            }
        }
        boolean live = chosen != null && away == null && filter.follow() && !chosen.ended();
        List<Choice> choices = placed.stream().map(LogsController::choice).toList();
        return new LogsPage(
                workload.id().toString(),
                workload.name(),
                workload.team(),
                choices,
                chosen == null ? null : chosen.id().toString(),
                filter,
                text.chunks(),
                text.lines(),
                text.hits(),
                next,
                live,
                away,
                chosen == null ? "" : download(chosen.id(), filter));
    }

    /** Everything that the filter lets through, from the first record on. */
    private static String download(UUID allocation, Filter filter) {
        UriComponentsBuilder address = UriComponentsBuilder.fromPath("/allocations/" + allocation + "/logs/download");
        if (!filter.stream().isEmpty()) {
            address.queryParam("stream", filter.stream());
        }
        if (filter.only() && !filter.q().isEmpty()) {
            address.queryParam("only", "1").queryParam("q", "{q}");
        }
        return address.encode().buildAndExpand(filter.q()).toUriString();
    }

    private static boolean asked(LogRecord record, Filter filter) {
        boolean all = !filter.only() || filter.q().isEmpty() || record.stream() == LogRecord.Stream.GAP;
        return all || record.text().toLowerCase(Locale.ROOT).contains(filter.q().toLowerCase(Locale.ROOT));
    }

    /** Returns the cursor of the last record read, from which following goes on. */
    private @Nullable String read(Actor actor, UUID allocation, Filter filter, LogText text) {
        boolean pointed = !filter.from().isEmpty();
        Instant at = at(filter);
        LogQuery query = pointed
                ? new LogQuery(filter.from(), null, null, false)
                : new LogQuery(null, at == null ? filter.lines() : null, null, false);
        String[] last = {null};
        reader.read(actor, allocation, query)
                .skipUntil(record -> pointed || at == null || !record.time().isBefore(at))
                .take(pointed || at != null ? LogText.CHUNK : MOST_LINES + 1L)
                .doOnNext(record -> {
                    last[0] = record.cursor();
                    if (wanted(record, filter)) {
                        text.add(record);
                    }
                })
                .blockLast(PATIENCE);
        return last[0];
    }

    private static String why(RuntimeException e) {
        boolean late = e.getCause() instanceof TimeoutException
                || String.valueOf(e.getMessage()).startsWith("Timeout");
        return late ? "The node did not answer within 20 s." : Sentences.of(String.valueOf(e.getMessage()));
    }

    private ServerSentEvent<String> event(List<LogRecord> records, Filter filter) {
        LogText text = new LogText(filter.q(), filter.only(), null);
        records.forEach(text::add);
        return ServerSentEvent.builder(chunks.html(text.chunks()))
                .event("lines")
                .id(records.getLast().cursor())
                .build();
    }

    private static ServerSentEvent<String> end(String why) {
        return ServerSentEvent.builder(why).event("end").build();
    }

    private static String line(LogRecord record) {
        String text = record.stream() == LogRecord.Stream.GAP ? "[" + record.gap() + "]" : record.text();
        return record.time() + " " + record.stream().name().toLowerCase(Locale.ROOT) + " " + text.stripTrailing()
                + "\n";
    }

    private static boolean wanted(LogRecord record, Filter filter) {
        return switch (filter.stream()) {
            case "stdout" -> record.stream() != LogRecord.Stream.STDERR;
            case "stderr" -> record.stream() != LogRecord.Stream.STDOUT;
            default -> true;
        };
    }

    private static @Nullable AllocationView choose(List<AllocationView> placed, @Nullable UUID wanted) {
        return placed.stream()
                .filter(candidate ->
                        wanted == null ? !candidate.ended() : candidate.id().equals(wanted))
                .findFirst()
                .orElse(placed.isEmpty() || wanted != null ? null : placed.getFirst());
    }

    private static Choice choice(AllocationView allocation) {
        String state = Statuses.of(allocation.status()).word().toLowerCase(Locale.ROOT);
        return new Choice(
                allocation.id().toString(),
                "replica " + allocation.replica() + " on " + allocation.node() + ", " + state);
    }

    private static Filter filter(MultiValueMap<String, String> query) {
        boolean first = query.isEmpty() || (query.size() == 1 && query.containsKey("allocation"));
        return new Filter(
                value(query, "q"),
                value(query, "stream"),
                lines(value(query, "lines")),
                value(query, "from"),
                moment(value(query, "at")),
                query.containsKey("only"),
                query.containsKey("wrap"),
                (first || query.containsKey("follow")) && value(query, "at").isEmpty());
    }

    private static @Nullable Instant at(Filter filter) {
        return filter.at().isEmpty() ? null : LocalDateTime.parse(filter.at()).toInstant(ZoneOffset.UTC);
    }

    /** As a browser writes a moment; the page says that it is UTC. */
    private static String moment(String text) {
        try {
            return text.isEmpty() ? "" : LocalDateTime.parse(text).toString();
        } catch (DateTimeParseException e) {
            throw ProblemException.invalid("at", "must be a time as in 2026-11-23T14:05, not \"" + text + "\"");
        }
    }

    private static int lines(String text) {
        return switch (text) {
            case "5000", "20000", "100000" -> Integer.parseInt(text);
            default -> 500;
        };
    }

    private static String value(MultiValueMap<String, String> query, String name) {
        String value = query.getFirst(name);
        return value == null ? "" : value.strip();
    }
}
