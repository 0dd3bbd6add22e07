package io.flotilla.controlplane.identity;

import io.flotilla.controlplane.actor.Actor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.web.util.pattern.PathPattern;

/** Decides by the authorisation table. Blocking, since the team of a thing is looked up. */
@Component
public class Gate {

    /** What the table says about one request of one actor. */
    public sealed interface Decision {

        /** Let it through. */
        record Allowed() implements Decision {}

        /** Nobody has shown who they are, which would be needed. */
        record Unknown() implements Decision {}

        /** Not for this actor. */
        record Forbidden(String doing) implements Decision {}

        /** Nothing there, or nothing that this actor may see. */
        record Missing() implements Decision {}

        /** The address is known, but only with other methods. */
        record WrongMethod(SortedSet<String> known) implements Decision {}
    }

    private static final Decision ALLOWED = new Decision.Allowed();
    private static final Decision UNKNOWN = new Decision.Unknown();
    private static final Decision MISSING = new Decision.Missing();

    private final Access table = Access.table();
    private final Map<Resource, TeamOf> teams;

    Gate(List<TeamOf> teams) {
        this.teams = teams.stream().collect(Collectors.toMap(TeamOf::resource, Function.identity()));
    }

    /** Whether the route is for anyone, so that no credentials have to be looked at. */
    public boolean open(String method, PathContainer path) {
        return table.find(method, path)
                .filter(row -> row.rule() instanceof Rule.Open || row.rule() instanceof Rule.Agent)
                .isPresent();
    }

    /**
     * Denies a handler's route to everyone unless it stands in the table; without this it could slip through under the
     * pattern of a more general row. Called for every handler before the ports open.
     *
     * @return false if it does not stand there
     */
    public boolean denyUnlessListed(String method, String pattern) {
        if (table.ruleOf(method, pattern) != null) {
            return true;
        }
        table.deny(method, pattern);
        return false;
    }

    /** Whether the route stands in the table, for someone or other. */
    public boolean lists(String method, String pattern) {
        Rule rule = table.ruleOf(method, pattern);
        return rule != null && !(rule instanceof Rule.Nobody);
    }

    /** The table's pattern that the request falls under, for names of metrics and refusals. */
    public Optional<String> pattern(String method, PathContainer path) {
        return table.find(method, path).map(row -> row.pattern().getPatternString());
    }

    public Decision decide(Actor actor, String method, PathContainer path) {
        Optional<Access.Row> found = table.find(method, path);
        if (found.isEmpty()) {
            return actor.signedIn() ? unlisted(path) : UNKNOWN;
        }
        Access.Row row = found.get();
        boolean looks = method.equals("GET") || method.equals("HEAD");
        if (actor.readOnly() && !looks) {
            return new Decision.Forbidden("changing anything with a token of scope read");
        }
        String doing = method + " " + row.pattern().getPatternString();
        return switch (row.rule()) {
            case Rule.Nobody() -> actor.signedIn() ? MISSING : UNKNOWN;
            case Rule.Open() -> ALLOWED;
            case Rule.Agent() -> ALLOWED;
            case Rule.SignedIn() -> actor.signedIn() ? ALLOWED : UNKNOWN;
            case Rule.Changer() -> changer(actor, doing);
            case Rule.Only only -> only(actor, only, doing);
            case Rule.OfTeam ofTeam -> ofTeam(actor, ofTeam, row.pattern(), path, doing);
        };
    }

    private Decision unlisted(PathContainer path) {
        SortedSet<String> known = table.methods(path);
        return known.isEmpty() ? MISSING : new Decision.WrongMethod(known);
    }

    private static Decision changer(Actor actor, String doing) {
        if (!actor.signedIn()) {
            return UNKNOWN;
        }
        return actor.changesSomething() ? ALLOWED : new Decision.Forbidden(doing);
    }

    private static Decision only(Actor actor, Rule.Only rule, String doing) {
        if (!actor.signedIn()) {
            return UNKNOWN;
        }
        return rule.roles().stream().anyMatch(actor::is) ? ALLOWED : new Decision.Forbidden(doing);
    }

    private Decision ofTeam(Actor actor, Rule.OfTeam rule, PathPattern pattern, PathContainer path, String doing) {
        if (!actor.signedIn()) {
            return UNKNOWN;
        }
        Optional<UUID> team = id(pattern, path, rule.variable()).flatMap(id -> lookup(rule.resource(), id));
        if (team.isEmpty() || !actor.maySee(team.get())) {
            return MISSING;
        }
        boolean may = switch (rule.need()) {
            case SEE -> true;
            case OPERATE -> actor.mayOperate(team.get());
            case CHANGE -> actor.mayChange(team.get());
        };
        return may ? ALLOWED : new Decision.Forbidden(doing);
    }

    private Optional<UUID> lookup(Resource resource, UUID id) {
        TeamOf finder = teams.get(resource);
        return finder == null ? Optional.empty() : finder.team(id);
    }

    private static Optional<UUID> id(PathPattern pattern, PathContainer path, String variable) {
        PathPattern.PathMatchInfo match = pattern.matchAndExtract(path);
        String text = match == null ? null : match.getUriVariables().get(variable);
        try {
            return text == null ? Optional.empty() : Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
