package io.flotilla.controlplane.ui.access;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.identity.Browser;
import io.flotilla.controlplane.identity.Logins;
import io.flotilla.controlplane.identity.Users;
import io.flotilla.controlplane.identity.web.RequestAttributes;
import io.flotilla.controlplane.identity.web.SessionCookie;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.ui.page.ErrorPages;
import io.flotilla.controlplane.ui.page.Form;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.words.Sentences;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ServerWebExchange;

/** One's own account: the password. */
@Controller
class AccountController {

    private final Users users;
    private final Logins logins;

    AccountController(Users users, Logins logins) {
        this.users = users;
        this.logins = logins;
    }

    @GetMapping("/account")
    Page account(Actor actor, @RequestParam(defaultValue = "false") boolean changed) {
        return page(actor).with("changed", changed);
    }

    /** Every session of the user ends; this browser gets a new one. */
    @PostMapping("/account/password")
    Page change(Actor actor, Form form, ServerWebExchange exchange) {
        String wanted = form.secret("password");
        try {
            if (!wanted.equals(form.secret("repeated"))) {
                throw ProblemException.invalid("repeated", "is not the same as the new password");
            }
            users.changePassword(actor, form.secret("current"), wanted);
        } catch (ProblemException e) {
            throw ErrorPages.again(
                    exchange,
                    page(actor)
                            .with("errors", Sentences.errors(e))
                            .with("refused", e.fields().isEmpty() ? Sentences.of(e.detail()) : null),
                    e);
        }
        String agent = exchange.getRequest().getHeaders().getFirst("User-Agent");
        Browser browser = new Browser(RequestAttributes.source(exchange), agent == null ? "" : agent);
        SessionCookie.set(exchange, logins.login(actor.name(), wanted, browser));
        return Page.redirect("/account?changed=true");
    }

    private static Page page(Actor actor) {
        return Page.of("account").with("person", actor.name());
    }
}
