package io.flotilla.controlplane.api;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.identity.User;
import io.flotilla.controlplane.identity.UserChange;
import io.flotilla.controlplane.identity.Users;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Users. They are disabled rather than deleted: the audit log speaks of them. */
@RestController
class UsersApi {

    private final Users users;

    UsersApi(Users users) {
        this.users = users;
    }

    @GetMapping("/api/v1/users")
    Items<User> list() {
        return Items.whole(users.list());
    }

    @PostMapping("/api/v1/users")
    @ResponseStatus(HttpStatus.CREATED)
    User create(Actor actor, @RequestBody UserChange body) {
        return users.create(actor, body);
    }

    @GetMapping("/api/v1/users/{id}")
    User get(@PathVariable UUID id) {
        return users.get(id);
    }

    @PutMapping("/api/v1/users/{id}")
    User update(Actor actor, @PathVariable UUID id, @RequestBody UserChange body) {
        return users.update(actor, id, body);
    }
}
