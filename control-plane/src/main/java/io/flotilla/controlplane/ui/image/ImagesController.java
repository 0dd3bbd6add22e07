package io.flotilla.controlplane.ui.image;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.alloc.Allocations;
import io.flotilla.controlplane.image.ImageService;
import io.flotilla.controlplane.image.ImageView;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.ui.image.ImagesPage.Row;
import io.flotilla.controlplane.ui.image.ImagesPage.Transfer;
import io.flotilla.controlplane.ui.live.Hints;
import io.flotilla.controlplane.ui.live.LiveStream;
import io.flotilla.controlplane.ui.page.Form;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.part.Measures;
import io.flotilla.controlplane.ui.words.Units;
import io.flotilla.protocol.ImageName;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;

/** Images that are kept here, and pulls that are under way. Archives go to the API as they are. */
@Controller
class ImagesController {

    private static final Units UNITS = new Units();

    private final ImageService images;
    private final Allocations allocations;
    private final Measures measures;
    private final LiveStream live;
    private final Hints hints;

    ImagesController(ImageService images, Allocations allocations, Measures measures, LiveStream live, Hints hints) {
        this.images = images;
        this.allocations = allocations;
        this.measures = measures;
        this.live = live;
        this.hints = hints;
    }

    @GetMapping("/images")
    Page list(Actor actor) {
        boolean mayChange = actor.is(Role.ADMIN, Role.OPERATOR) && !actor.readOnly();
        List<Row> rows = images.list().stream().map(ImagesController::row).toList();
        return Page.of("images").with("live", true).with("images", new ImagesPage(rows, transfers(actor), mayChange));
    }

    @GetMapping(path = "/images", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @ResponseBody
    Flux<ServerSentEvent<String>> follow(Actor actor, ServerWebExchange exchange) {
        return live.follow(exchange, hints.all(), () -> list(actor));
    }

    @PostMapping("/images/delete")
    Page delete(Actor actor, Form form) {
        try {
            images.delete(actor, ImageName.parse(form.value("name")));
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid("name", String.valueOf(e.getMessage()));
        }
        return Page.redirect("/images");
    }

    private List<Transfer> transfers(Actor actor) {
        List<AllocationView> present = allocations.list(actor, null, null, null, Page.MOST).stream()
                .filter(allocation -> !allocation.ended())
                .toList();
        return measures.pulls(present).stream()
                .map(pull -> new Transfer(pull.title(), "pulling", pull.title(), pull.amount(), pull.layers()))
                .toList();
    }

    private static Row row(ImageView image) {
        String digest = image.digest().toString();
        return new Row(
                image.name().familiar(),
                digest.substring(0, Math.min(19, digest.length())),
                image.platforms(),
                UNITS.size(image.bytes()),
                image.changed(),
                image.bundled());
    }
}
