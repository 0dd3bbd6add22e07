package io.flotilla.controlplane.identity;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.id.Ids;
import io.flotilla.controlplane.problem.ProblemException;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Users: made, changed and disabled by administrators; everybody changes their own password. */
@Service
public class Users {

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?");
    private static final int LONGEST_DISPLAY_NAME = 100;

    private final UserStore store;
    private final SessionStore sessions;
    private final Passwords passwords;
    private final Throttle throttle;
    private final Transactions transactions;
    private final AuditLog audit;
    private final Ids ids;
    private final Clock clock;

    Users(
            UserStore store,
            SessionStore sessions,
            Passwords passwords,
            Throttle throttle,
            Transactions transactions,
            AuditLog audit,
            Ids ids,
            Clock clock) {
        this.store = store;
        this.sessions = sessions;
        this.passwords = passwords;
        this.throttle = throttle;
        this.transactions = transactions;
        this.audit = audit;
        this.ids = ids;
        this.clock = clock;
    }

    /** All users, by name. */
    public List<User> list() {
        return store.all();
    }

    /** @throws ProblemException 404 */
    public User get(UUID id) {
        return store.find(id).orElseThrow(() -> ProblemException.notFound("user", id.toString()));
    }

    /** @throws ProblemException naming the field */
    public User create(Actor actor, UserChange wanted) {
        Role role = role(wanted.role() == null ? Role.MEMBER.word() : wanted.role());
        return transactions.call(() -> {
            User made = make(wanted, role);
            audit.record(actor, "user.create", Target.of("user", made.id(), made.name()), null, made);
            return made;
        });
    }

    /** Makes the user within the running transaction, without an audit entry. */
    User make(UserChange wanted, Role role) {
        String name = required("name", wanted.name());
        if (!NAME.matcher(name).matches()) {
            throw ProblemException.invalid(
                    "name",
                    "must have 1 to 63 of a-z, 0-9, dot, underscore and hyphen, and begin and end with a-z or 0-9");
        }
        String displayName = displayName(wanted.displayName() == null ? name : wanted.displayName());
        String hash = passwords.encode("password", name, required("password", wanted.password()));
        UUID id = ids.next();
        if (!store.insert(id, name, displayName, role, hash, clock.instant())) {
            throw ProblemException.conflict("name", "there is already a user \"" + name + "\"");
        }
        return get(id);
    }

    /** Takes effect at once; disabling or a new password also ends the user's browser sessions. */
    public User update(Actor actor, UUID id, UserChange wanted) {
        if (wanted.name() != null) {
            throw ProblemException.invalid("name", "cannot be changed");
        }
        User known = get(id);
        String newPassword = wanted.password();
        String hash = newPassword == null ? null : passwords.encode("password", known.name(), newPassword);
        return transactions.call(() -> {
            Set<UUID> administrators = store.lockAdministrators();
            User before = get(id);
            Role role = wanted.role() == null ? before.role() : role(wanted.role());
            boolean disabled = wanted.disabled() == null ? before.disabled() : wanted.disabled();
            if (administrators.equals(Set.of(id)) && (disabled || role != Role.ADMIN)) {
                throw ProblemException.conflict(
                        disabled ? "disabled" : "role", "this is the last administrator who can sign in");
            }
            String displayName =
                    wanted.displayName() == null ? before.displayName() : displayName(wanted.displayName());
            store.update(id, displayName, role, disabled, clock.instant());
            if (hash != null) {
                store.setPassword(id, hash);
            }
            if (disabled || hash != null) {
                sessions.deleteOf(id);
            }
            User after = get(id);
            audit.record(
                    actor,
                    "user.update",
                    Target.of("user", id, before.name()),
                    before,
                    new Changed(after, hash != null));
            return after;
        });
    }

    /**
     * Somebody's own new password; ends all of their browser sessions, so that whoever else had the old one is out.
     *
     * @throws ProblemException naming {@code current} if that is not the password now, {@code password} if the new one
     *     cannot be taken; 429 after too many wrong ones
     */
    public void changePassword(Actor actor, String current, String wanted) {
        UUID id = actor.id();
        if (actor.kind() != Actor.Kind.USER || id == null) {
            throw ProblemException.forbidden("changing a password");
        }
        throttle.check(actor.name(), actor.source());
        User known = get(id);
        boolean right = store.credentials(known.name())
                .filter(stored -> passwords.matches(current, stored.passwordHash()))
                .isPresent();
        if (!right) {
            throttle.failed(actor.name(), actor.source());
            throw ProblemException.invalid("current", "is not your password");
        }
        String hash = passwords.encode("password", known.name(), wanted);
        transactions.run(() -> {
            store.setPassword(id, hash);
            sessions.deleteOf(id);
            audit.record(actor, "user.password", Target.of("user", id, known.name()), null, null);
        });
    }

    private record Changed(User user, boolean passwordSet) {}

    private static Role role(String word) {
        try {
            return Role.of(word);
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid("role", "must be admin, operator, member or auditor");
        }
    }

    private static String displayName(String text) {
        String stripped = text.strip();
        if (stripped.isEmpty()
                || stripped.length() > LONGEST_DISPLAY_NAME
                || stripped.chars().anyMatch(Character::isISOControl)) {
            throw ProblemException.invalid("displayName", "must have 1 to 100 printable characters");
        }
        return stripped;
    }

    private static String required(String field, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw ProblemException.invalid(field, "is required");
        }
        return value;
    }
}
