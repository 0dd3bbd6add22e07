package io.flotilla.controlplane.actor;

import io.flotilla.controlplane.problem.ProblemException;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who asks for something, resolved once per request and passed on as an explicit argument: blocking handlers run on
 * virtual threads, where nothing bound to a thread would be found.
 *
 * @param id the user's, token's or node's id; null for the system, local root and anonymous callers
 * @param name what the audit log shows
 * @param role null only for anonymous callers and nodes
 * @param teams the teams they belong to; with {@code onlyTeam} set at most that one
 * @param readOnly true for tokens of scope {@code read}
 * @param onlyTeam the team that a token is restricted to; then not even an administrator's token leaves it
 * @param source the address the request came from, or {@code local}
 */
public record Actor(
        Kind kind,
        @Nullable UUID id,
        String name,
        @Nullable Role role,
        Set<UUID> teams,
        boolean readOnly,
        @Nullable UUID onlyTeam,
        String source) {

    /** How the caller proved who they are. */
    public enum Kind {
        USER,
        TOKEN,
        NODE,
        LOCAL_ROOT,
        SYSTEM,
        ANONYMOUS;

        /** As the audit log writes it: lower case, with a hyphen. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public Actor {
        teams = Set.copyOf(teams);
    }

    /** The control plane itself, acting on its own knowledge (a lost node, a schedule). */
    public static Actor system() {
        return new Actor(Kind.SYSTEM, null, "system", Role.ADMIN, Set.of(), false, null, "local");
    }

    /** Root on the control plane's own machine, proved by the file {@code control-plane/admin.key}. */
    public static Actor localRoot(String source) {
        return new Actor(Kind.LOCAL_ROOT, null, "local-root", Role.ADMIN, Set.of(), false, null, source);
    }

    /** A caller that has shown no credentials, or wrong ones. */
    public static Actor anonymous(String source) {
        return new Actor(Kind.ANONYMOUS, null, "anonymous", null, Set.of(), false, null, source);
    }

    /** An enrolled node, proved by its key in the session. */
    public static Actor node(UUID id, String name, String source) {
        return new Actor(Kind.NODE, id, name, null, Set.of(), false, null, source);
    }

    /** Whether there is a role, that is, whether this is a person, their token, local root or the system. */
    public boolean signedIn() {
        return role != null;
    }

    /** Whether this actor has one of these roles, for what belongs to no team. A token of one team has none. */
    public boolean is(Role... any) {
        if (onlyTeam != null) {
            return false;
        }
        for (Role candidate : any) {
            if (role == candidate) {
                return true;
            }
        }
        return false;
    }

    /** Whether lists need no filter by team. */
    public boolean seesAllTeams() {
        return is(Role.ADMIN, Role.OPERATOR, Role.AUDITOR);
    }

    /** Whether this actor may see what belongs to the team. */
    public boolean maySee(UUID team) {
        if (onlyTeam != null && !onlyTeam.equals(team)) {
            return false;
        }
        return role != null && (role != Role.MEMBER || teams.contains(team));
    }

    /** Whether this actor may change what belongs to the team, read its logs and open terminals. */
    public boolean mayChange(UUID team) {
        return !readOnly && mayOperate(team);
    }

    /** As {@link #mayChange}, but also for read-only tokens: reading logs, which an auditor may not. */
    public boolean mayOperate(UUID team) {
        return role != Role.AUDITOR && maySee(team);
    }

    /** Whether this actor, the same one looked up again, still may everything that it might before. */
    public boolean keepsWhatItHad(Actor before) {
        return role == before.role
                && (before.readOnly || !readOnly)
                && Objects.equals(onlyTeam, before.onlyTeam)
                && teams.containsAll(before.teams);
    }

    /** Whether there can be any team whose things this actor may change. */
    public boolean changesSomething() {
        return !readOnly && role != null && role != Role.AUDITOR;
    }

    /** The teams whose things this actor may see; null for all. */
    public @Nullable Set<UUID> visibleTeams() {
        if (onlyTeam != null) {
            return maySee(onlyTeam) ? Set.of(onlyTeam) : Set.of();
        }
        return seesAllTeams() ? null : teams;
    }

    /**
     * Checks what the authorisation table leaves to the handler because the team stands in the request's body.
     *
     * @throws ProblemException 404 if the team may not even be seen, 403 if it may not be changed
     */
    public void requireChange(UUID team, String teamName) {
        if (!maySee(team)) {
            throw ProblemException.notFound("team", teamName);
        }
        if (!mayChange(team)) {
            throw ProblemException.forbidden("changing what belongs to team " + teamName);
        }
    }
}
