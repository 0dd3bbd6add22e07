package io.flotilla.controlplane.ui.access;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.identity.ApiToken;
import io.flotilla.controlplane.identity.ApiTokens;
import io.flotilla.controlplane.identity.Team;
import io.flotilla.controlplane.identity.Teams;
import io.flotilla.controlplane.identity.TokenRequest;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.ui.access.TokensPage.Made;
import io.flotilla.controlplane.ui.access.TokensPage.Row;
import io.flotilla.controlplane.ui.page.ErrorPages;
import io.flotilla.controlplane.ui.page.Form;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.words.Sentences;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.server.ServerWebExchange;

/** Tokens for scripts; a new one's secret is in the answer to its form and nowhere else. */
@Controller
class TokensController {

    private final ApiTokens tokens;
    private final Teams teams;
    private final Clock clock;

    TokensController(ApiTokens tokens, Teams teams, Clock clock) {
        this.tokens = tokens;
        this.teams = teams;
        this.clock = clock;
    }

    @GetMapping("/tokens")
    Page list(Actor actor) {
        return page(actor, new TokensPage.Form("", "read", "", "90"), null);
    }

    @PostMapping("/tokens")
    Page create(Actor actor, Form form, ServerWebExchange exchange) {
        TokensPage.Form typed =
                new TokensPage.Form(form.value("name"), form.value("scope"), form.value("team"), form.value("days"));
        try {
            ApiTokens.Made made = tokens.create(
                    actor, new TokenRequest(typed.name(), typed.scope(), form.valueOrNull("team"), days(typed.days())));
            return page(actor, new TokensPage.Form("", "read", "", "90"), new Made(typed.name(), made.token()));
        } catch (ProblemException e) {
            throw ErrorPages.again(exchange, page(actor, typed, null).with("errors", Sentences.errors(e)), e);
        }
    }

    @PostMapping("/tokens/{id}/revoke")
    Page revoke(Actor actor, @PathVariable UUID id) {
        tokens.revoke(actor, id);
        return Page.redirect("/tokens");
    }

    private Page page(Actor actor, TokensPage.Form form, @Nullable Made made) {
        List<Row> rows = tokens.list(actor).stream().map(this::row).toList();
        List<String> names = teams.list(actor).stream().map(Team::name).toList();
        return Page.of("tokens").with("tokens", new TokensPage(rows, form, made, names));
    }

    private Row row(ApiToken token) {
        return new Row(
                token.id().toString(),
                token.name() + " (" + token.hint() + "…)",
                token.owner() == null ? "local-root" : token.owner(),
                token.scope().word() + (token.team() == null ? "" : " in " + token.team()),
                token.expiresAt(),
                token.lastUsedAt(),
                token.expiresAt() != null && token.expiresAt().isBefore(clock.instant()));
    }

    private static Integer days(String text) {
        try {
            return Integer.valueOf(text);
        } catch (NumberFormatException e) {
            throw ProblemException.invalid("days", "must be a number of days");
        }
    }
}
