package io.flotilla.controlplane.ui.fleet;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.ui.live.Hints;
import io.flotilla.controlplane.ui.live.LiveStream;
import io.flotilla.controlplane.ui.page.Page;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;

/** The first page: every node, what needs attention, what happened. */
@Controller
class FleetController {

    private final FleetBuilder builder;
    private final LiveStream live;
    private final Hints hints;

    FleetController(FleetBuilder builder, LiveStream live, Hints hints) {
        this.builder = builder;
        this.live = live;
        this.hints = hints;
    }

    @GetMapping("/")
    Page fleet(Actor actor) {
        return Page.of("fleet").with("live", true).with("fleet", builder.build(actor));
    }

    @GetMapping(path = "/", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @ResponseBody
    Flux<ServerSentEvent<String>> follow(Actor actor, ServerWebExchange exchange) {
        return live.follow(exchange, hints.all(), () -> fleet(actor));
    }
}
