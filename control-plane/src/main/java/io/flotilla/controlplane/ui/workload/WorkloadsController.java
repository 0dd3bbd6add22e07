package io.flotilla.controlplane.ui.workload;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.ui.live.Hints;
import io.flotilla.controlplane.ui.live.LiveStream;
import io.flotilla.controlplane.ui.page.Form;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.part.Confirmation;
import io.flotilla.controlplane.ui.words.Statuses;
import io.flotilla.controlplane.ui.words.Units;
import io.flotilla.controlplane.ui.workload.WorkloadsPage.Filter;
import io.flotilla.controlplane.ui.workload.WorkloadsPage.Result;
import io.flotilla.controlplane.workload.WorkloadService;
import io.flotilla.controlplane.workload.WorkloadView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.stereotype.Controller;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;

/** The list of all workloads, and what is done to several at once. */
@Controller
class WorkloadsController {

    private final WorkloadsBuilder builder;
    private final WorkloadService workloads;
    private final LiveStream live;
    private final Hints hints;
    private final AuditLog audit;

    WorkloadsController(
            WorkloadsBuilder builder, WorkloadService workloads, LiveStream live, Hints hints, AuditLog audit) {
        this.audit = audit;
        this.builder = builder;
        this.workloads = workloads;
        this.live = live;
        this.hints = hints;
    }

    @GetMapping("/workloads")
    Page list(Actor actor, ServerWebExchange exchange) {
        return page(actor, filter(exchange.getRequest().getQueryParams()), null);
    }

    @GetMapping(path = "/workloads", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @ResponseBody
    Flux<ServerSentEvent<String>> follow(Actor actor, ServerWebExchange exchange) {
        Filter filter = filter(exchange.getRequest().getQueryParams());
        return live.follow(exchange, hints.all(), () -> page(actor, filter, null));
    }

    @PostMapping("/workloads/bulk")
    Page bulk(Actor actor, Form form) {
        BulkAction action = BulkAction.of(form.value("action"));
        List<WorkloadView> chosen = new ArrayList<>();
        for (String id : form.values("w")) {
            chosen.add(workloads.get(actor, uuid(id)));
        }
        Filter everything = new Filter("", "", "", "");
        if (chosen.isEmpty()) {
            return page(actor, everything, new Result("Nothing was selected", List.of()))
                    .status(HttpStatus.UNPROCESSABLE_CONTENT);
        }
        if (action.asks() && !form.value("confirmed").equals("yes")) {
            return page(actor, everything, null).with("confirm", question(action, chosen));
        }
        List<Result.Line> lines = new ArrayList<>();
        for (WorkloadView workload : chosen) {
            lines.add(carryOut(actor, action, workload));
        }
        return page(actor, everything, new Result(action.title(chosen.size()), lines));
    }

    private Result.Line carryOut(Actor actor, BulkAction action, WorkloadView workload) {
        try {
            action.carryOut(workloads, actor, workload.id());
            return new Result.Line(action.mark(), workload.name() + ": " + action.outcome(workload.running()));
        } catch (ProblemException e) {
            Target target = Target.of("workload", workload.id(), workload.name(), workload.teamId());
            audit.refused(actor, "workload." + action.word(), target, e.detail());
            return new Result.Line("fail", workload.name() + ": " + e.detail());
        }
    }

    private static Confirmation question(BulkAction action, List<WorkloadView> chosen) {
        int containers = chosen.stream().mapToInt(WorkloadView::running).sum();
        List<Confirmation.Line> impact = chosen.stream()
                .map(workload -> new Confirmation.Line(
                        Statuses.of(workload.status()).mark(),
                        workload.name() + ", " + new Units().count(workload.running(), "container", "containers")))
                .toList();
        return new Confirmation(
                action.question(chosen.size()),
                impact,
                action.remark(),
                "/workloads/bulk",
                Map.of(
                        "action",
                        List.of(action.word()),
                        "w",
                        chosen.stream()
                                .map(workload -> workload.id().toString())
                                .toList()),
                null,
                true,
                action.button(chosen.size(), containers),
                "/workloads");
    }

    private Page page(Actor actor, Filter filter, @Nullable Result result) {
        return Page.of("workloads")
                .with("live", true)
                .with("address", WorkloadsBuilder.href(filter, filter.status()))
                .with("workloads", builder.build(actor, filter, result));
    }

    private static Filter filter(MultiValueMap<String, String> query) {
        return new Filter(value(query, "q"), value(query, "team"), value(query, "kind"), value(query, "status"));
    }

    private static String value(MultiValueMap<String, String> query, String name) {
        String value = query.getFirst(name);
        return value == null ? "" : value.strip();
    }

    private static UUID uuid(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw ProblemException.notFound("workload", text);
        }
    }
}
