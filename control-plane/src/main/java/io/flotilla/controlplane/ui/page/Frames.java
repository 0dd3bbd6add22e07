package io.flotilla.controlplane.ui.page;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.identity.Team;
import io.flotilla.controlplane.identity.Teams;
import io.flotilla.controlplane.identity.web.RequestAttributes;
import io.flotilla.controlplane.identity.web.SessionCookie;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;

/** Builds what surrounds every page from who asks and for what. Blocking. */
@Component
class Frames implements FrameSource {

    private final Teams teams;

    Frames(Teams teams) {
        this.teams = teams;
    }

    @Override
    public Frame of(ServerWebExchange exchange) {
        Actor actor = RequestAttributes.actor(exchange);
        Set<String> allowed = allowed(actor);
        Role role = actor.role();
        return new Frame(
                actor.signedIn() ? actor.name() : null,
                role == null ? null : role.word(),
                actor.signedIn() ? teamNames(actor) : List.of(),
                team(exchange),
                allowed,
                actor.signedIn()
                        ? navigation(allowed, exchange.getRequest().getPath().value())
                        : List.of(),
                null,
                SessionCookie.csrfToken(exchange),
                null,
                host(exchange),
                version());
    }

    static Set<String> allowed(Actor actor) {
        Set<String> allowed = new HashSet<>();
        if (actor.changesSomething()) {
            allowed.add("launch");
        }
        if (actor.is(Role.ADMIN, Role.OPERATOR) && !actor.readOnly()) {
            allowed.addAll(Set.of("nodes", "images"));
        }
        if (actor.is(Role.ADMIN, Role.AUDITOR)) {
            allowed.addAll(Set.of("audit", "users"));
        }
        return allowed;
    }

    private static List<List<Frame.Entry>> navigation(Set<String> allowed, String path) {
        List<Frame.Entry> work = new ArrayList<>();
        work.add(entry(
                "Fleet", "/", "fleet", "f", path.equals("/") || path.startsWith("/nodes") || path.equals("/join")));
        boolean workloads = path.startsWith("/workloads") || path.startsWith("/allocations");
        work.add(entry("Workloads", "/workloads", "workloads", "w", workloads));
        if (allowed.contains("launch")) {
            work.add(entry("Launch", "/launch", "launch", "l", path.startsWith("/launch")));
        }
        List<Frame.Entry> rest = new ArrayList<>();
        if (allowed.contains("audit")) {
            rest.add(entry(
                    "Audit", "/audit", "audit", "a", path.startsWith("/audit") || path.startsWith("/recordings")));
        }
        rest.add(entry("Teams", "/teams", "users", "t", path.startsWith("/teams") || path.startsWith("/users")));
        rest.add(entry("Tokens", "/tokens", "key", "k", path.startsWith("/tokens")));
        return List.of(work, List.of(entry("Images", "/images", "images", "i", path.startsWith("/images"))), rest);
    }

    private static Frame.Entry entry(String name, String href, String icon, String key, boolean here) {
        return new Frame.Entry(name, href, icon, key, here);
    }

    /** The page about a database that is away has a frame, too; it only lacks the teams. */
    private List<String> teamNames(Actor actor) {
        try {
            return teams.list(actor).stream().map(Team::name).toList();
        } catch (DataAccessException e) {
            return List.of();
        }
    }

    private static @Nullable String team(ServerWebExchange exchange) {
        String team = exchange.getRequest().getQueryParams().getFirst("team");
        return team == null || team.isBlank() ? null : team;
    }

    private static String host(ServerWebExchange exchange) {
        String host = exchange.getRequest().getHeaders().getFirst("Host");
        return host == null ? "" : host;
    }

    private static String version() {
        String version = Frames.class.getPackage().getImplementationVersion();
        return version == null ? "0.1.0" : version.replace("-SNAPSHOT", "");
    }
}
