package io.flotilla.controlplane.ui.access;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.identity.Browser;
import io.flotilla.controlplane.identity.Logins;
import io.flotilla.controlplane.identity.Setup;
import io.flotilla.controlplane.identity.UserChange;
import io.flotilla.controlplane.identity.web.RequestAttributes;
import io.flotilla.controlplane.identity.web.SessionCookie;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.ui.page.ErrorPages;
import io.flotilla.controlplane.ui.page.Form;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.words.Sentences;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ServerWebExchange;

/** Before the dashboard: the first run, signing in, signing out. */
@Controller
class GateController {

    private final Logins logins;
    private final Setup setup;

    GateController(Logins logins, Setup setup) {
        this.logins = logins;
        this.setup = setup;
    }

    @GetMapping("/login")
    Page login(@RequestParam(required = false) @Nullable String next) {
        return setup.completed() ? Page.of("login").with("next", local(next)) : Page.redirect("/setup");
    }

    @PostMapping("/login")
    Page signIn(Form form, ServerWebExchange exchange) {
        try {
            String cookie = logins.login(form.value("username"), form.secret("password"), browser(exchange));
            SessionCookie.set(exchange, cookie);
            String next = local(form.valueOrNull("next"));
            return Page.redirect(next == null ? "/" : next);
        } catch (ProblemException e) {
            Page again = Page.of("login")
                    .status(status(e))
                    .with("username", form.value("username"))
                    .with("next", local(form.valueOrNull("next")))
                    .with("refused", Sentences.of(e.detail()));
            throw ErrorPages.again(exchange, again, e);
        }
    }

    @PostMapping("/logout")
    Page signOut(Actor actor, ServerWebExchange exchange) {
        SessionCookie.value(exchange.getRequest()).ifPresent(cookie -> logins.logout(actor, cookie));
        SessionCookie.clear(exchange);
        return Page.redirect("/login");
    }

    @GetMapping("/setup")
    Page setup() {
        return setup.completed() ? Page.redirect("/login") : Page.of("setup");
    }

    @PostMapping("/setup")
    Page setUp(Form form, ServerWebExchange exchange) {
        UserChange admin = new UserChange(form.value("username"), null, null, form.secret("password"), null);
        try {
            SessionCookie.set(exchange, setup.complete(form.value("token"), admin, browser(exchange)));
            return Page.redirect("/");
        } catch (ProblemException e) {
            Map<String, String> errors = Sentences.errors(e);
            if (errors.containsKey("name")) {
                errors.put("username", errors.remove("name"));
            }
            Page again = Page.of("setup")
                    .status(e.fields().isEmpty() ? status(e) : HttpStatus.UNPROCESSABLE_CONTENT)
                    .with("token", form.value("token"))
                    .with("username", form.value("username"))
                    .with("errors", errors)
                    .with("refused", e.fields().isEmpty() ? Sentences.of(e.detail()) : null);
            throw ErrorPages.again(exchange, again, e);
        }
    }

    private static Browser browser(ServerWebExchange exchange) {
        String agent = exchange.getRequest().getHeaders().getFirst("User-Agent");
        return new Browser(RequestAttributes.source(exchange), agent == null ? "" : agent);
    }

    private static HttpStatus status(ProblemException e) {
        return HttpStatus.valueOf(e.problem().status());
    }

    /** Only an address of ours: a link to the login page must not lead on to another site. */
    private static @Nullable String local(@Nullable String next) {
        boolean fine = next != null && next.startsWith("/") && !next.startsWith("//") && !next.contains("\\");
        return fine ? next : null;
    }
}
