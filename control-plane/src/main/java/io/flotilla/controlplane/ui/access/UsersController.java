package io.flotilla.controlplane.ui.access;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.identity.User;
import io.flotilla.controlplane.identity.UserChange;
import io.flotilla.controlplane.identity.Users;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.ui.access.UsersPage.Row;
import io.flotilla.controlplane.ui.page.ErrorPages;
import io.flotilla.controlplane.ui.page.Form;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.words.Sentences;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.server.ServerWebExchange;

/** The people with an account. */
@Controller
class UsersController {

    private final Users users;

    UsersController(Users users) {
        this.users = users;
    }

    @GetMapping("/users")
    Page list(Actor actor) {
        return page(actor, new UsersPage.Form("", "member"));
    }

    @PostMapping("/users")
    Page create(Actor actor, Form form, ServerWebExchange exchange) {
        try {
            users.create(
                    actor,
                    new UserChange(form.value("username"), null, form.value("role"), form.secret("password"), null));
            return Page.redirect("/users");
        } catch (ProblemException e) {
            Map<String, String> errors = new HashMap<>(Sentences.errors(e));
            String name = errors.remove("name");
            if (name != null) {
                errors.put("username", name);
            }
            UsersPage.Form typed = new UsersPage.Form(form.value("username"), form.value("role"));
            throw ErrorPages.again(exchange, page(actor, typed).with("errors", errors), e);
        }
    }

    @PostMapping("/users/{id}")
    Page update(Actor actor, @PathVariable UUID id, Form form) {
        String disabled = form.valueOrNull("disabled");
        @Nullable Boolean off = disabled == null ? null : (Boolean) disabled.equals("yes");
        users.update(actor, id, new UserChange(null, null, form.valueOrNull("role"), null, off));
        return Page.redirect("/users");
    }

    private Page page(Actor actor, UsersPage.Form form) {
        List<Row> rows = users.list().stream().map(user -> row(actor, user)).toList();
        boolean mayChange = actor.is(Role.ADMIN) && !actor.readOnly();
        return Page.of("users").with("users", new UsersPage(rows, form, mayChange));
    }

    private static Row row(Actor actor, User user) {
        return new Row(
                user.id().toString(),
                user.name(),
                user.role().word(),
                user.teams(),
                user.disabled(),
                user.lastLoginAt(),
                user.id().equals(actor.id()));
    }
}
