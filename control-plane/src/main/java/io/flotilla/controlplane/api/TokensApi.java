package io.flotilla.controlplane.api;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.identity.ApiToken;
import io.flotilla.controlplane.identity.ApiTokens;
import io.flotilla.controlplane.identity.TokenRequest;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** API tokens. */
@RestController
class TokensApi {

    /** A new token; the only answer that ever contains the secret. */
    record MadeBody(String token, @JsonUnwrapped ApiToken details) {}

    private final ApiTokens tokens;

    TokensApi(ApiTokens tokens) {
        this.tokens = tokens;
    }

    @GetMapping("/api/v1/tokens")
    Items<ApiToken> list(Actor actor) {
        return Items.whole(tokens.list(actor));
    }

    @PostMapping("/api/v1/tokens")
    @ResponseStatus(HttpStatus.CREATED)
    MadeBody create(Actor actor, @RequestBody TokenRequest body) {
        ApiTokens.Made made = tokens.create(actor, body);
        return new MadeBody(made.token(), made.details());
    }

    @DeleteMapping("/api/v1/tokens/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void revoke(Actor actor, @PathVariable UUID id) {
        tokens.revoke(actor, id);
    }
}
