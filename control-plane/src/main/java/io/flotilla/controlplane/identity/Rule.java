package io.flotilla.controlplane.identity;

import io.flotilla.controlplane.actor.Role;
import java.util.Set;

/** Who may call a route. */
sealed interface Rule {

    /** Anyone, signed in or not. */
    record Open() implements Rule {}

    /** Nobody: a handler that does not stand in the table. */
    record Nobody() implements Rule {}

    /** A node agent; it proves itself inside the session or by its session's registry token, which the handler checks. */
    record Agent() implements Rule {}

    /**
     * Any signed-in caller; lists are filtered by team in the service, and whatever names a team in its body is checked
     * there by {@code Actor.requireChange}.
     */
    record SignedIn() implements Rule {}

    /** Only these roles, and no token that is restricted to a team. */
    record Only(Set<Role> roles) implements Rule {

        public Only {
            roles = Set.copyOf(roles);
        }
    }

    /** Any signed-in caller who may change something of some team, thus no auditor; the service checks which team. */
    record Changer() implements Rule {}

    /**
     * Who may see, operate or change what belongs to the team of the thing in the path. What they may not even see is
     * answered as not found.
     *
     * @param variable the path variable with the thing's id
     */
    record OfTeam(Resource resource, String variable, Need need) implements Rule {}

    /** What is done to a thing of a team. */
    enum Need {
        /** Look at it. */
        SEE,
        /** Read its logs: not for auditors. */
        OPERATE,
        /** Change it or open a terminal: not for auditors, not for read-only tokens. */
        CHANGE
    }
}
