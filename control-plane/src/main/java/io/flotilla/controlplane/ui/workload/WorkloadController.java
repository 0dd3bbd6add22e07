package io.flotilla.controlplane.ui.workload;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.ui.launch.Requests;
import io.flotilla.controlplane.ui.live.Hints;
import io.flotilla.controlplane.ui.live.LiveStream;
import io.flotilla.controlplane.ui.page.ErrorPages;
import io.flotilla.controlplane.ui.page.Form;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.part.Confirmation;
import io.flotilla.controlplane.ui.words.Sentences;
import io.flotilla.controlplane.ui.words.Statuses;
import io.flotilla.controlplane.workload.WorkloadService;
import io.flotilla.controlplane.workload.WorkloadView;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;

/** One workload: why it is as it is, and what is done to it. */
@Controller
class WorkloadController {

    private final WorkloadBuilder builder;
    private final WorkloadService workloads;
    private final LiveStream live;
    private final Hints hints;

    WorkloadController(WorkloadBuilder builder, WorkloadService workloads, LiveStream live, Hints hints) {
        this.builder = builder;
        this.workloads = workloads;
        this.live = live;
        this.hints = hints;
    }

    @GetMapping("/workloads/{id}")
    Page workload(
            Actor actor,
            @PathVariable UUID id,
            @RequestParam(defaultValue = "overview") String tab,
            @RequestParam(defaultValue = "0") int to,
            @RequestParam(required = false) @Nullable String confirm) {
        Page page = page(actor, id, tab, to);
        return confirm == null ? page : page.with("confirm", question(actor, id, BulkAction.of(confirm)));
    }

    @GetMapping(path = "/workloads/{id}", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @ResponseBody
    Flux<ServerSentEvent<String>> follow(
            Actor actor,
            @PathVariable UUID id,
            @RequestParam(defaultValue = "overview") String tab,
            ServerWebExchange exchange) {
        return live.follow(exchange, hints.all(), () -> page(actor, id, tab, 0));
    }

    @PostMapping("/workloads/{id}/scale")
    Page scale(Actor actor, @PathVariable UUID id, Form form, ServerWebExchange exchange) {
        int replicas;
        try {
            replicas = Integer.parseInt(form.value("replicas"));
        } catch (NumberFormatException e) {
            throw ProblemException.invalid("replicas", "must be a whole number");
        }
        try {
            workloads.scale(actor, id, replicas);
        } catch (ProblemException e) {
            throw ErrorPages.again(
                    exchange, page(actor, id, "overview", 0).with("refused", Sentences.of(e.detail())), e);
        }
        return Page.redirect("/workloads/" + id);
    }

    @PostMapping("/workloads/{id}/{action:start|stop|restart|delete}")
    Page act(Actor actor, @PathVariable UUID id, @PathVariable String action, Form form, ServerWebExchange exchange) {
        BulkAction wanted = BulkAction.of(action);
        String name = workloads.get(actor, id).name();
        if (wanted == BulkAction.DELETE && !form.value("typed").equals(name)) {
            Page again = page(actor, id, "overview", 0)
                    .with("confirm", question(actor, id, wanted))
                    .with("refused", "Type " + name + " to delete it.");
            throw ErrorPages.again(exchange, again, ProblemException.invalid("typed", "must be the name, " + name));
        }
        wanted.carryOut(workloads, actor, id);
        return Page.redirect(wanted == BulkAction.DELETE ? "/workloads" : "/workloads/" + id);
    }

    @PostMapping("/workloads/{id}/rollback")
    Page rollback(Actor actor, @PathVariable UUID id, Form form) {
        workloads.revisions(actor, id).stream()
                .filter(revision -> String.valueOf(revision.number()).equals(form.value("revision")))
                .findFirst()
                .ifPresentOrElse(
                        revision -> workloads.update(actor, id, Requests.of(workloads.get(actor, id), revision.spec())),
                        () -> {
                            throw ProblemException.notFound("revision", form.value("revision"));
                        });
        return Page.redirect("/workloads/" + id);
    }

    private Confirmation question(Actor actor, UUID id, BulkAction action) {
        WorkloadView workload = workloads.get(actor, id);
        int containers = builder.containers(actor, id);
        return new Confirmation(
                action.question(workload.name()),
                List.of(new Confirmation.Line(Statuses.of(workload.status()).mark(), action.impact(containers))),
                action.remark(),
                "/workloads/" + workload.id() + "/" + action.word(),
                Map.of(),
                action == BulkAction.DELETE ? workload.name() : null,
                true,
                action == BulkAction.DELETE ? "Delete " + workload.name() : action.button(1, containers),
                "/workloads/" + workload.id());
    }

    private Page page(Actor actor, UUID id, String tab, int to) {
        String known = List.of("overview", "revisions", "spec").contains(tab) ? tab : "overview";
        return Page.of("workload")
                .with("live", true)
                .with("address", "/workloads/" + id + (known.equals("overview") ? "" : "?tab=" + known))
                .with("tab", known)
                .with("workload", builder.build(actor, id, to));
    }
}
