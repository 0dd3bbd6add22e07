package io.flotilla.controlplane.api;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.image.RegistryLogin;
import io.flotilla.controlplane.image.RegistryLoginService;
import io.flotilla.controlplane.image.RegistrySetting;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** How images are pulled from registries, and as whom. */
@RestController
class RegistryLoginsApi {

    /** All that is set for a registry; the password is never told again. Without both, it is one that needs no login. */
    record LoginBody(
            String registry,
            @Nullable String username,
            @Nullable String password,
            @Nullable Boolean insecure,
            @Nullable String authorities,
            @Nullable List<String> mirrors) {}

    private final RegistryLoginService logins;

    RegistryLoginsApi(RegistryLoginService logins) {
        this.logins = logins;
    }

    @GetMapping("/api/v1/registry-logins")
    Items<RegistryLogin> list(Actor actor) {
        return Items.whole(logins.list());
    }

    @PutMapping("/api/v1/registry-logins")
    RegistryLogin put(Actor actor, @RequestBody LoginBody body) {
        return logins.put(
                actor,
                new RegistrySetting(
                        body.registry(),
                        Objects.requireNonNullElse(body.username(), ""),
                        Objects.requireNonNullElse(body.password(), ""),
                        Boolean.TRUE.equals(body.insecure()),
                        body.authorities(),
                        Objects.requireNonNullElse(body.mirrors(), List.of())));
    }

    @DeleteMapping("/api/v1/registry-logins")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(Actor actor, @RequestParam String registry) {
        logins.delete(actor, registry);
    }
}
