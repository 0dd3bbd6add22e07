package io.flotilla.controlplane.ui.launch;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.identity.Team;
import io.flotilla.controlplane.identity.Teams;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.ui.page.ErrorPages;
import io.flotilla.controlplane.ui.page.Form;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.workload.WorkloadService;
import io.flotilla.controlplane.workload.WorkloadView;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ServerWebExchange;

/** The launch form with its plan, for new workloads and for new revisions. */
@Controller
class LaunchController {

    private final LaunchBuilder builder;
    private final WorkloadService workloads;
    private final Teams teams;

    LaunchController(LaunchBuilder builder, WorkloadService workloads, Teams teams) {
        this.builder = builder;
        this.workloads = workloads;
        this.teams = teams;
    }

    @GetMapping("/launch")
    Page launch(
            Actor actor,
            @RequestParam(required = false) @Nullable UUID of,
            @RequestParam(required = false) @Nullable UUID copy,
            @RequestParam(required = false) @Nullable String image) {
        if (of != null) {
            return page(actor, LaunchBuilder.form(workloads.get(actor, of), false), of);
        }
        if (copy != null) {
            return page(actor, LaunchBuilder.form(workloads.get(actor, copy), true), null);
        }
        LaunchForm blank = LaunchForm.blank(ownTeam(actor));
        return page(actor, image == null ? blank : blank.with("image", image), null);
    }

    /** The plan for what was typed; never refuses, it says what is wrong. */
    @PostMapping("/launch/plan")
    Page plan(Actor actor, Form form, @RequestParam(required = false) @Nullable UUID of) {
        return page(actor, new LaunchForm(form.fields()), of);
    }

    /** Fills the form from a {@code docker run} line or a Compose file; what cannot be carried over is named. */
    @PostMapping("/launch/paste")
    Page paste(Actor actor, Form posted) {
        String text = posted.value("line");
        if (ComposeFile.looksLike(text)) {
            ComposeFile file = ComposeFile.read(text, posted.value("service"), ownTeam(actor));
            return page(actor, file.form(), null)
                    .with("pasted", new LaunchPage.Pasted(text, file.left(), file.services(), file.service()));
        }
        DockerRun run = DockerRun.read(text, ownTeam(actor));
        return page(actor, run.form(), null).with("pasted", new LaunchPage.Pasted(text, run.left(), List.of(), ""));
    }

    @PostMapping("/launch")
    Page create(Actor actor, Form posted, ServerWebExchange exchange) {
        LaunchForm form = new LaunchForm(posted.fields());
        try {
            WorkloadView made = workloads.create(actor, Requests.of(form, null));
            return Page.redirect("/workloads/" + made.id());
        } catch (ProblemException e) {
            throw ErrorPages.again(exchange, refused(actor, form, null, e), e);
        }
    }

    @PostMapping("/workloads/{id}/change")
    Page change(Actor actor, @PathVariable UUID id, Form posted, ServerWebExchange exchange) {
        LaunchForm form = new LaunchForm(posted.fields());
        try {
            workloads.update(
                    actor, id, Requests.of(form, workloads.get(actor, id).spec()));
            return Page.redirect("/workloads/" + id);
        } catch (ProblemException e) {
            throw ErrorPages.again(exchange, refused(actor, form, id, e), e);
        }
    }

    private Page refused(Actor actor, LaunchForm form, @Nullable UUID of, ProblemException e) {
        return page(actor, form, of).with("errors", LaunchErrors.of(e));
    }

    private Page page(Actor actor, LaunchForm form, @Nullable UUID of) {
        return Page.of("launch").with("launch", builder.build(actor, form, of));
    }

    private String ownTeam(Actor actor) {
        List<String> own = teams.list(actor).stream()
                .filter(team -> actor.mayChange(team.id()))
                .map(Team::name)
                .toList();
        return own.contains(Teams.DEFAULT) || own.isEmpty() ? Teams.DEFAULT : own.getFirst();
    }
}
