package io.flotilla.controlplane.identity;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.id.Ids;
import io.flotilla.controlplane.problem.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** API tokens: made, listed, revoked and looked up. */
@Service
public class ApiTokens {

    /** What every token begins with, so that leaked ones can be searched for. */
    public static final String PREFIX = "flt_";

    private static final int HINT_CHARACTERS = 8;
    private static final int USUAL_DAYS = 90;
    private static final int MOST_DAYS = 366;
    private static final Duration USED_PRECISION = Duration.ofMinutes(1);

    /** A token that was just made, with its secret, which is shown this once. */
    public record Made(String token, ApiToken details) {

        /** Without the secret: records end up in messages. */
        @Override
        public String toString() {
            return details.toString();
        }
    }

    private final TokenStore store;
    private final UserStore users;
    private final Teams teams;
    private final Transactions transactions;
    private final AuditLog audit;
    private final Ids ids;
    private final Clock clock;

    ApiTokens(
            TokenStore store,
            UserStore users,
            Teams teams,
            Transactions transactions,
            AuditLog audit,
            Ids ids,
            Clock clock) {
        this.store = store;
        this.users = users;
        this.teams = teams;
        this.transactions = transactions;
        this.audit = audit;
        this.ids = ids;
        this.clock = clock;
    }

    /** The actor's own tokens; an administrator's are all. */
    public List<ApiToken> list(Actor actor) {
        if (actor.is(Role.ADMIN)) {
            return store.all();
        }
        return store.ofUser(person(actor, "listing tokens"));
    }

    /**
     * Makes a token that may at most what the actor may.
     *
     * @throws ProblemException naming the field
     */
    public Made create(Actor actor, TokenRequest wanted) {
        UUID owner = actor.kind() == Actor.Kind.LOCAL_ROOT ? null : person(actor, "making tokens");
        String name = wanted.name();
        if (name == null
                || name.isBlank()
                || name.length() > 100
                || name.chars().anyMatch(Character::isISOControl)) {
            throw ProblemException.invalid("name", "must have 1 to 100 printable characters");
        }
        ApiToken.Scope scope = scope(wanted.scope());
        if (scope == ApiToken.Scope.ADMIN && !actor.is(Role.ADMIN)) {
            throw ProblemException.forbidden("making a token of scope admin");
        }
        if (owner == null && scope != ApiToken.Scope.ADMIN) {
            throw ProblemException.invalid("scope", "must be admin for a token that belongs to no user");
        }
        Team team = wanted.team() == null ? null : teams.named(actor, wanted.team());
        Instant now = clock.instant();
        Instant expires = expiry(actor, wanted.expiresInDays(), now);
        String secret = PREFIX + Tokens256.random();
        UUID id = ids.next();
        ApiToken made = transactions.call(() -> {
            store.insert(
                    id,
                    name,
                    Tokens256.hash(secret),
                    secret.substring(0, HINT_CHARACTERS),
                    owner,
                    scope,
                    team == null ? null : team.id(),
                    now,
                    expires);
            ApiToken details = store.find(id).orElseThrow();
            audit.record(actor, "token.create", Target.of("token", id, name), null, details);
            return details;
        });
        return new Made(secret, made);
    }

    /** Takes effect at once. @throws ProblemException 404, also for someone else's token unless an administrator asks */
    public void revoke(Actor actor, UUID id) {
        transactions.run(() -> {
            ApiToken token = list(actor).stream()
                    .filter(candidate -> candidate.id().equals(id))
                    .findFirst()
                    .orElseThrow(() -> ProblemException.notFound("token", id.toString()));
            if (!store.revoke(id, clock.instant())) {
                throw ProblemException.notFound("token", id.toString());
            }
            audit.record(actor, "token.revoke", Target.of("token", id, token.name()), token, null);
        });
    }

    /** Who the token's bearer is now; empty if it is unknown, expired, revoked, or its owner disabled. */
    public Optional<Actor> actor(String secret, String source) {
        if (!secret.startsWith(PREFIX)) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        Optional<TokenStore.Live> found = store.live(Tokens256.hash(secret), now);
        found.filter(live -> {
                    Instant last = live.lastUsedAt();
                    return last == null || last.isBefore(now.minus(USED_PRECISION));
                })
                .ifPresent(live -> store.used(live.id(), now));
        return found.map(live -> actor(live, source));
    }

    private Actor actor(TokenStore.Live live, String source) {
        UUID owner = live.owner();
        String ownerRole = live.ownerRole();
        Role role = owner == null || ownerRole == null ? Role.ADMIN : Role.of(ownerRole);
        if (role == Role.ADMIN && live.scope() == ApiToken.Scope.WRITE) {
            role = Role.OPERATOR;
        }
        Set<UUID> memberOf = owner == null ? Set.of() : users.teamsOf(owner);
        String name = live.name() + " of " + (live.ownerName() == null ? "local-root" : live.ownerName());
        boolean readOnly = live.scope() == ApiToken.Scope.READ;
        return new Actor(Actor.Kind.TOKEN, live.id(), name, role, memberOf, readOnly, live.team(), source);
    }

    private static UUID person(Actor actor, String doing) {
        UUID id = actor.id();
        if (actor.kind() != Actor.Kind.USER || id == null) {
            throw ProblemException.forbidden(doing);
        }
        return id;
    }

    private static ApiToken.Scope scope(@Nullable String word) {
        if (word == null) {
            return ApiToken.Scope.WRITE;
        }
        for (ApiToken.Scope scope : ApiToken.Scope.values()) {
            if (scope.word().equals(word.toLowerCase(Locale.ROOT))) {
                return scope;
            }
        }
        throw ProblemException.invalid("scope", "must be read, write or admin");
    }

    private static @Nullable Instant expiry(Actor actor, @Nullable Integer days, Instant now) {
        int wanted = days == null ? USUAL_DAYS : days;
        if (wanted == 0 && actor.is(Role.ADMIN)) {
            return null;
        }
        if (wanted < 1 || wanted > MOST_DAYS) {
            throw ProblemException.invalid("expiresInDays", "must be from 1 to " + MOST_DAYS);
        }
        return now.plus(Duration.ofDays(wanted));
    }
}
