package io.flotilla.controlplane.ui.access;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.identity.Quota;
import io.flotilla.controlplane.identity.Team;
import io.flotilla.controlplane.identity.TeamChange;
import io.flotilla.controlplane.identity.Teams;
import io.flotilla.controlplane.identity.User;
import io.flotilla.controlplane.identity.Users;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.ui.access.TeamsPage.Member;
import io.flotilla.controlplane.ui.access.TeamsPage.Row;
import io.flotilla.controlplane.ui.page.ErrorPages;
import io.flotilla.controlplane.ui.page.Form;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.part.Gauge;
import io.flotilla.controlplane.ui.part.QuotaLine;
import io.flotilla.controlplane.ui.words.Memory;
import io.flotilla.controlplane.ui.words.Sentences;
import io.flotilla.controlplane.ui.words.Units;
import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ServerWebExchange;

/** Teams, their quotas and members. */
@Controller
class TeamsController {

    private static final Units UNITS = new Units();

    private final Teams teams;
    private final Users users;

    TeamsController(Teams teams, Users users) {
        this.teams = teams;
        this.users = users;
    }

    @GetMapping("/teams")
    Page list(Actor actor, @RequestParam(required = false) @Nullable String edit) {
        TeamsPage.Form form = edit == null || !mayChange(actor)
                ? null
                : edit.equals("new")
                        ? new TeamsPage.Form("", "", "", "", "", "", List.of())
                        : form(teams.get(actor, uuid(edit)));
        return page(actor, form);
    }

    @PostMapping("/teams")
    Page create(Actor actor, Form form, ServerWebExchange exchange) {
        try {
            Team made = teams.create(actor, new TeamChange(form.value("name"), quota(form)));
            return Page.redirect("/teams?edit=" + made.id());
        } catch (ProblemException e) {
            throw again(actor, form, "", List.of(), exchange, e);
        }
    }

    @PostMapping("/teams/{id}")
    Page update(Actor actor, @PathVariable UUID id, Form form, ServerWebExchange exchange) {
        Team team = teams.get(actor, id);
        try {
            teams.update(actor, id, new TeamChange(null, quota(form)));
            return Page.redirect("/teams?edit=" + id);
        } catch (ProblemException e) {
            throw again(actor, form, id.toString(), members(team), exchange, e);
        }
    }

    @PostMapping("/teams/{id}/members")
    Page addMember(Actor actor, @PathVariable UUID id, Form form) {
        User user = users.list().stream()
                .filter(candidate -> candidate.name().equals(form.value("user")))
                .findFirst()
                .orElseThrow(() -> ProblemException.notFound("user", form.value("user")));
        teams.addMember(actor, id, user.id());
        return Page.redirect("/teams?edit=" + id);
    }

    @PostMapping("/teams/{id}/members/{user}/remove")
    Page removeMember(Actor actor, @PathVariable UUID id, @PathVariable UUID user) {
        teams.removeMember(actor, id, user);
        return Page.redirect("/teams?edit=" + id);
    }

    private ProblemException again(
            Actor actor, Form form, String id, List<Member> members, ServerWebExchange exchange, ProblemException e) {
        TeamsPage.Form typed = new TeamsPage.Form(
                id,
                form.value("name"),
                form.value("cpu"),
                form.value("memory"),
                form.value("replicas"),
                form.value("ports"),
                members);
        return ErrorPages.again(exchange, page(actor, typed).with("errors", Sentences.errors(e)), e);
    }

    private Page page(Actor actor, TeamsPage.@Nullable Form form) {
        List<Row> rows = teams.list(actor).stream().map(TeamsController::row).toList();
        List<String> names = form == null
                ? List.of()
                : users.list().stream().map(User::name).sorted().toList();
        return Page.of("teams").with("teams", new TeamsPage(rows, form, names, mayChange(actor)));
    }

    private static boolean mayChange(Actor actor) {
        return actor.is(Role.ADMIN) && !actor.readOnly();
    }

    private static Row row(Team team) {
        Quota quota = team.quota();
        return new Row(
                team.id().toString(),
                team.name(),
                List.of(
                        new QuotaLine(
                                "CPU", Gauge.Unit.MILLI_CPU, team.reserved().cpuMillis(), 0, quota.cpuMillis()),
                        new QuotaLine(
                                "Memory", Gauge.Unit.BYTES, team.reserved().memoryBytes(), 0, quota.memoryBytes()),
                        new QuotaLine(
                                "Replicas", Gauge.Unit.PIECES, team.reserved().replicas(), 0, quota.replicas()),
                        new QuotaLine(
                                "Ports", Gauge.Unit.PIECES, team.reserved().ports(), 0, quota.ports())),
                team.members());
    }

    private TeamsPage.Form form(Team team) {
        Quota quota = team.quota();
        return new TeamsPage.Form(
                team.id().toString(),
                team.name(),
                quota.cpuMillis() == null ? "" : UNITS.cores(quota.cpuMillis()),
                quota.memoryBytes() == null
                        ? ""
                        : UNITS.memory(quota.memoryBytes()).replace(" ", "").replace("iB", "i"),
                quota.replicas() == null ? "" : String.valueOf(quota.replicas()),
                quota.ports() == null ? "" : String.valueOf(quota.ports()),
                members(team));
    }

    private List<Member> members(Team team) {
        return users.list().stream()
                .filter(user -> team.members().contains(user.name()))
                .map(user -> new Member(user.id().toString(), user.name()))
                .toList();
    }

    private static Quota quota(Form form) {
        return new Quota(
                cpu(form.valueOrNull("cpu")),
                memory(form.valueOrNull("memory")),
                count(form, "replicas"),
                count(form, "ports"));
    }

    private static @Nullable Long cpu(@Nullable String text) {
        try {
            return text == null
                    ? null
                    : (Long) new BigDecimal(text).movePointRight(3).longValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw ProblemException.invalid("cpu", "must be a number of cores, as in 12 or 0.5");
        }
    }

    private static @Nullable Long memory(@Nullable String text) {
        try {
            return text == null ? null : (Long) Memory.parse(text);
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid("memory", "must be bytes, or a number with Ki, Mi, Gi or Ti, as in 64Gi");
        }
    }

    private static @Nullable Long count(Form form, String field) {
        String text = form.valueOrNull(field);
        try {
            return text == null ? null : Long.valueOf(text);
        } catch (NumberFormatException e) {
            throw ProblemException.invalid(field, "must be a whole number");
        }
    }

    private static UUID uuid(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw ProblemException.notFound("team", text);
        }
    }
}
