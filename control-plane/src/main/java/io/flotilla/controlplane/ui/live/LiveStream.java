package io.flotilla.controlplane.ui.live;

import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.page.PageRenderer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The one event stream of a page. After a change hint the page is rendered again and the regions that differ are sent,
 * at most four times a second. An event's id is a digest of the whole page, so a browser that comes back with
 * {@code Last-Event-ID} gets what it lacks, or nothing.
 */
@Component
public class LiveStream {

    private static final Duration CALM = Duration.ofMillis(250);
    private static final Duration BEAT = Duration.ofSeconds(2);
    /** A page is also rendered again without a hint: hints can be lost, and ages turn into other words. */
    private static final Duration REVIEW = Duration.ofSeconds(5);

    private final PageRenderer renderer;
    private final Clock clock;
    private final Scheduler blocking;

    LiveStream(PageRenderer renderer, Clock clock, Scheduler blocking) {
        this.renderer = renderer;
        this.blocking = blocking;
        this.clock = clock;
    }

    /**
     * @param hints something may have changed; content and rate do not matter
     * @param page builds the page anew, blocking
     */
    public Flux<ServerSentEvent<String>> follow(ServerWebExchange exchange, Publisher<?> hints, Supplier<Page> page) {
        exchange.getResponse().getHeaders().set("X-Accel-Buffering", "no");
        exchange.getResponse().getHeaders().setCacheControl("no-store");
        Session session = new Session(exchange, page);
        Flux<ServerSentEvent<String>> updates = Flux.merge(
                        Flux.from(hints).map(hint -> true),
                        Flux.interval(REVIEW).map(tick -> true))
                .startWith(true)
                .onBackpressureLatest()
                .concatMap(
                        hint -> Mono.fromCallable(session::update)
                                .subscribeOn(blocking)
                                .flatMapMany(Flux::fromIterable)
                                .concatWith(Mono.delay(CALM).then(Mono.empty())),
                        1);
        Flux<ServerSentEvent<String>> beats = Flux.interval(Duration.ZERO, BEAT)
                .onBackpressureDrop()
                .map(tick -> ServerSentEvent.<String>builder()
                        .event("beat")
                        .data(clock.instant().toString())
                        .build());
        return Flux.merge(updates, beats);
    }

    /** What one browser has been sent. Only one update runs at a time. */
    private final class Session {

        private final ServerWebExchange exchange;
        private final Supplier<Page> page;
        private final @Nullable String known;
        private @Nullable LiveRegions sent;

        Session(ServerWebExchange exchange, Supplier<Page> page) {
            this.exchange = exchange;
            this.page = page;
            this.known = exchange.getRequest().getHeaders().getFirst("Last-Event-ID");
        }

        List<ServerSentEvent<String>> update() {
            String html = renderer.render(page.get(), exchange);
            LiveRegions regions = LiveRegions.of(html);
            LiveRegions before = sent;
            sent = regions;
            String id = digest(regions);
            if (before == null && id.equals(known)) {
                return List.of();
            }
            List<LiveRegions.Change> changes =
                    before == null ? regions.since(LiveRegions.of("")) : regions.since(before);
            if (changes.isEmpty()) {
                return List.of();
            }
            return List.of(ServerSentEvent.builder(partials(changes)).id(id).build());
        }

        private String partials(List<LiveRegions.Change> changes) {
            List<String> parts = new ArrayList<>();
            for (LiveRegions.Change change : changes) {
                parts.add("<hx-partial hx-target=\"#" + change.id() + "\" hx-swap=\"outerMorph\">" + change.html()
                        + "</hx-partial>");
            }
            return String.join("\n", parts);
        }

        private String digest(LiveRegions regions) {
            CRC32C sum = new CRC32C();
            regions.text().forEach(part -> sum.update(part.getBytes(StandardCharsets.UTF_8)));
            return HexFormat.of().toHexDigits((int) sum.getValue());
        }
    }
}
