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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
    private final AllBuilder all;
    private final WorkloadService workloads;
    private final Teams teams;

    LaunchController(LaunchBuilder builder, AllBuilder all, WorkloadService workloads, Teams teams) {
        this.builder = builder;
        this.all = all;
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
        String team = posted.value("team").isEmpty() ? ownTeam(actor) : posted.value("team");
        if (ComposeFile.looksLike(text)) {
            return compose(actor, text, team, posted.value("service"));
        }
        DockerRun run = DockerRun.read(text, team);
        return page(actor, run.form(), null).with("pasted", new LaunchPage.Pasted(text, run.left(), List.of(), ""));
    }

    /** One service goes into the form, several into one plan unless one of them is asked for. */
    private Page compose(Actor actor, String text, String team, String wanted) {
        ComposeFile file = ComposeFile.read(text, team);
        List<ComposeFile.Service> services = file.services();
        Optional<ComposeFile.Service> chosen =
                services.size() == 1 ? Optional.of(services.getFirst()) : file.service(wanted);
        if (chosen.isEmpty() && !services.isEmpty()) {
            return allPage(actor, text, team, null);
        }
        LaunchForm form = chosen.map(ComposeFile.Service::form)
                .orElseGet(() -> LaunchForm.empty().with("team", team));
        List<String> left = new ArrayList<>(file.left());
        chosen.ifPresent(service -> {
            left.addAll(service.left());
            service.wrong().forEach(error -> left.add(error.field() + " " + error.detail() + "."));
        });
        List<String> names = services.stream().map(ComposeFile.Service::name).toList();
        String name = chosen.map(ComposeFile.Service::name).orElse("");
        return page(actor, form, null).with("pasted", new LaunchPage.Pasted(text, left, names, name));
    }

    /** Launches all services of a Compose file in one change. */
    @PostMapping("/launch/all")
    Page createAll(Actor actor, Form posted, ServerWebExchange exchange) {
        String text = posted.value("line");
        String team = posted.value("team");
        try {
            workloads.createAll(actor, new ArrayList<>(AllBuilder.requests(ComposeFile.read(text, team))));
            return Page.redirect("/workloads");
        } catch (ProblemException e) {
            throw ErrorPages.again(exchange, allPage(actor, text, team, e), e);
        }
    }

    private Page allPage(Actor actor, String text, String team, @Nullable ProblemException refusal) {
        return Page.of("launch-all").with("all", all.build(actor, text, team, ownTeams(actor), refusal));
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

    private List<String> ownTeams(Actor actor) {
        return teams.list(actor).stream()
                .filter(team -> actor.mayChange(team.id()))
                .map(Team::name)
                .toList();
    }

    private String ownTeam(Actor actor) {
        List<String> own = ownTeams(actor);
        return own.contains(Teams.DEFAULT) || own.isEmpty() ? Teams.DEFAULT : own.getFirst();
    }
}
