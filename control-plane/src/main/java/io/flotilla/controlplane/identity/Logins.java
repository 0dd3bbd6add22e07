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
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.stereotype.Service;

/** Signing in and out with a browser. */
@Service
public class Logins {

    /** Signed in at most this long. */
    public static final Duration LIFE = Duration.ofDays(7);
    /** Signed out after this long without a request. */
    public static final Duration IDLE = Duration.ofHours(24);

    private static final Duration SEEN_PRECISION = Duration.ofMinutes(1);

    private final UserStore users;
    private final SessionStore sessions;
    private final Passwords passwords;
    private final Throttle throttle;
    private final Transactions transactions;
    private final AuditLog audit;
    private final Ids ids;
    private final Clock clock;

    Logins(
            UserStore users,
            SessionStore sessions,
            Passwords passwords,
            Throttle throttle,
            Transactions transactions,
            AuditLog audit,
            Ids ids,
            Clock clock) {
        this.users = users;
        this.sessions = sessions;
        this.passwords = passwords;
        this.throttle = throttle;
        this.transactions = transactions;
        this.audit = audit;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * Checks the password and makes a session; returns the value of its cookie.
     *
     * @throws ProblemException 401 that does not tell whether the name or the password is wrong, or 429
     */
    public String login(String name, String password, Browser browser) {
        throttle.check(name, browser.source());
        Optional<UserStore.Credentials> known = users.credentials(name);
        boolean right;
        if (known.isPresent()) {
            right = passwords.matches(password, known.get().passwordHash())
                    && !known.get().disabled();
        } else {
            passwords.spendTime(password);
            right = false;
        }
        if (!right) {
            throttle.failed(name, browser.source());
            throw ProblemException.unauthenticated("the user name or the password is wrong");
        }
        throttle.succeeded(name, browser.source());
        return open(known.orElseThrow().id(), browser);
    }

    /** Makes a session for a user who has just proved themselves. */
    String open(UUID user, Browser browser) {
        String token = Tokens256.random();
        Instant now = clock.instant();
        transactions.run(() -> {
            User found = users.find(user).orElseThrow();
            UUID session = ids.next();
            sessions.insert(session, Tokens256.hash(token), user, now, LIFE, browser.source(), browser.shortAgent());
            users.loggedIn(user, now);
            Actor actor = actor(user, found.name(), found.role(), users.teamsOf(user), browser.source());
            audit.record(actor, "session.login", Target.of("user", user, found.name()), null, null);
        });
        return token;
    }

    /** Who the cookie's owner is now; empty if it is unknown, expired, or its user disabled. Counts as a request of theirs. */
    public Optional<Actor> actor(String cookie, String source) {
        Instant now = clock.instant();
        Optional<SessionStore.Live> found = sessions.find(Tokens256.hash(cookie), now, IDLE);
        found.filter(live -> live.lastSeenAt().isBefore(now.minus(SEEN_PRECISION)))
                .ifPresent(live -> sessions.seen(live.session(), now));
        return found.map(live -> actor(live, source));
    }

    /** The same for a look that nobody asked for, which keeps no session from going idle. */
    public Optional<Actor> still(String cookie, String source) {
        return sessions.find(Tokens256.hash(cookie), clock.instant(), IDLE).map(live -> actor(live, source));
    }

    private Actor actor(SessionStore.Live live, String source) {
        return actor(live.user(), live.name(), Role.of(live.role()), users.teamsOf(live.user()), source);
    }

    /** Ends the session of this cookie; no-op if it has ended before. */
    public void logout(Actor actor, String cookie) {
        transactions.run(() -> {
            UUID user = actor.id();
            if (sessions.delete(Tokens256.hash(cookie)) && user != null) {
                audit.record(actor, "session.logout", Target.of("user", user, actor.name()), null, null);
            }
        });
    }

    /** Forgets what has expired. */
    void tidy() {
        sessions.deleteExpired(clock.instant());
        throttle.tidy();
    }

    private static Actor actor(UUID id, String name, Role role, Set<UUID> teams, String source) {
        return new Actor(Actor.Kind.USER, id, name, role, teams, false, null, source);
    }
}
