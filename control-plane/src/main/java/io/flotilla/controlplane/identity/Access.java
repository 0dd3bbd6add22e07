package io.flotilla.controlplane.identity;

import static io.flotilla.controlplane.actor.Role.ADMIN;
import static io.flotilla.controlplane.actor.Role.AUDITOR;
import static io.flotilla.controlplane.actor.Role.OPERATOR;
import static io.flotilla.controlplane.identity.Resource.ALLOCATION;
import static io.flotilla.controlplane.identity.Resource.TEAM;
import static io.flotilla.controlplane.identity.Resource.WORKLOAD;
import static io.flotilla.controlplane.identity.Rule.Need.CHANGE;
import static io.flotilla.controlplane.identity.Rule.Need.OPERATE;
import static io.flotilla.controlplane.identity.Rule.Need.SEE;

import io.flotilla.controlplane.actor.Role;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * The authorisation table: every route of the control plane and who may call it. A route that does not stand here is
 * denied to everyone. Patterns are written exactly as at the handler; a test compares both ways.
 */
public final class Access {

    /** One line of the table. */
    record Row(String method, PathPattern pattern, Rule rule) {}

    private static final Rule OPEN = new Rule.Open();
    private static final Rule AGENT = new Rule.Agent();
    private static final Rule SIGNED_IN = new Rule.SignedIn();
    private static final Rule CHANGER = new Rule.Changer();

    private final List<Row> rows = new CopyOnWriteArrayList<>();

    /** The table as it is shipped. */
    static Access table() {
        Access table = new Access();
        table.pages();
        table.identity();
        table.workloads();
        table.nodes();
        table.images();
        table.rows.sort(Comparator.comparing(Row::pattern));
        return table;
    }

    private void pages() {
        row("GET", "/", SIGNED_IN);
        row("GET", "/assets/**", OPEN);
        row("GET", "/setup", OPEN);
        row("POST", "/setup", OPEN);
        row("GET", "/login", OPEN);
        row("POST", "/login", OPEN);
        row("POST", "/logout", SIGNED_IN);
        row("GET", "/search", SIGNED_IN);
        row("GET", "/audit", only(ADMIN, AUDITOR));
        row("GET", "/recordings/{id}", only(ADMIN, AUDITOR));
        row("GET", "/teams", SIGNED_IN);
        row("POST", "/teams", only(ADMIN));
        row("POST", "/teams/{id}", only(ADMIN));
        row("POST", "/teams/{id}/members", only(ADMIN));
        row("POST", "/teams/{id}/members/{user}/remove", only(ADMIN));
        row("GET", "/users", only(ADMIN, AUDITOR));
        row("POST", "/users", only(ADMIN));
        row("POST", "/users/{id}", only(ADMIN));
        row("GET", "/account", SIGNED_IN);
        row("POST", "/account/password", SIGNED_IN);
        row("GET", "/tokens", SIGNED_IN);
        row("POST", "/tokens", SIGNED_IN);
        row("POST", "/tokens/{id}/revoke", SIGNED_IN);
        row("GET", "/images", SIGNED_IN);
        row("POST", "/images/delete", only(ADMIN, OPERATOR));
        row("GET", "/join", only(ADMIN, OPERATOR));
        row("POST", "/join", only(ADMIN, OPERATOR));
        row("GET", "/nodes/{id}", SIGNED_IN);
        row("POST", "/nodes/{id}/{action}", only(ADMIN, OPERATOR));
        pagesOfWorkloads();
    }

    private void pagesOfWorkloads() {
        row("GET", "/workloads", SIGNED_IN);
        row("POST", "/workloads/bulk", CHANGER);
        row("GET", "/launch", CHANGER);
        row("POST", "/launch", CHANGER);
        row("POST", "/launch/plan", CHANGER);
        row("POST", "/launch/paste", CHANGER);
        row("POST", "/launch/all", CHANGER);
        row("GET", "/workloads/{id}", team(WORKLOAD, SEE));
        row("POST", "/workloads/{id}/scale", team(WORKLOAD, CHANGE));
        row("POST", "/workloads/{id}/{action:start|stop|restart|delete}", team(WORKLOAD, CHANGE));
        row("POST", "/workloads/{id}/rollback", team(WORKLOAD, CHANGE));
        row("POST", "/workloads/{id}/change", team(WORKLOAD, CHANGE));
        row("GET", "/workloads/{id}/logs", team(WORKLOAD, OPERATE));
        row("GET", "/allocations/{id}/applied", team(ALLOCATION, SEE));
        row("GET", "/allocations/{id}/logs/follow", team(ALLOCATION, OPERATE));
        row("GET", "/allocations/{id}/logs/download", team(ALLOCATION, OPERATE));
        row("GET", "/allocations/{id}/terminal", team(ALLOCATION, CHANGE));
        row("GET", "/allocations/{id}/terminal/socket", team(ALLOCATION, CHANGE));
    }

    private void identity() {
        row("GET", "/api/v1/openapi.json", OPEN);
        row("GET", "/api/v1/teams", SIGNED_IN);
        row("POST", "/api/v1/teams", only(ADMIN));
        row("GET", "/api/v1/teams/{id}", team(TEAM, SEE));
        row("PUT", "/api/v1/teams/{id}", only(ADMIN));
        row("DELETE", "/api/v1/teams/{id}", only(ADMIN));
        row("PUT", "/api/v1/teams/{id}/members/{user}", only(ADMIN));
        row("DELETE", "/api/v1/teams/{id}/members/{user}", only(ADMIN));
        row("GET", "/api/v1/users", only(ADMIN, AUDITOR));
        row("POST", "/api/v1/users", only(ADMIN));
        row("GET", "/api/v1/users/{id}", only(ADMIN, AUDITOR));
        row("PUT", "/api/v1/users/{id}", only(ADMIN));
        row("GET", "/api/v1/tokens", SIGNED_IN);
        row("POST", "/api/v1/tokens", SIGNED_IN);
        row("DELETE", "/api/v1/tokens/{id}", SIGNED_IN);
        row("GET", "/api/v1/audit", only(ADMIN, AUDITOR));
        row("GET", "/api/v1/audit/export", only(ADMIN, AUDITOR));
        row("GET", "/api/v1/audit/verify", only(ADMIN, AUDITOR));
        row("GET", "/api/v1/recordings", only(ADMIN, AUDITOR));
        row("GET", "/api/v1/recordings/{id}", only(ADMIN, AUDITOR));
        row("GET", "/api/v1/recordings/{id}/cast", only(ADMIN, AUDITOR));
    }

    private void workloads() {
        row("GET", "/api/v1/workloads", SIGNED_IN);
        row("POST", "/api/v1/workloads", CHANGER);
        row("GET", "/api/v1/workloads/{id}", team(WORKLOAD, SEE));
        row("PUT", "/api/v1/workloads/{id}", team(WORKLOAD, CHANGE));
        row("DELETE", "/api/v1/workloads/{id}", team(WORKLOAD, CHANGE));
        row("GET", "/api/v1/workloads/{id}/revisions", team(WORKLOAD, SEE));
        row("POST", "/api/v1/workloads/{id}/scale", team(WORKLOAD, CHANGE));
        row("POST", "/api/v1/workloads/{id}/stop", team(WORKLOAD, CHANGE));
        row("POST", "/api/v1/workloads/{id}/start", team(WORKLOAD, CHANGE));
        row("POST", "/api/v1/workloads/{id}/restart", team(WORKLOAD, CHANGE));
        row("GET", "/api/v1/allocations", SIGNED_IN);
        row("GET", "/api/v1/allocations/{id}", team(ALLOCATION, SEE));
        row("GET", "/api/v1/allocations/{id}/logs", team(ALLOCATION, OPERATE));
        row("GET", "/api/v1/allocations/{id}/exec", team(ALLOCATION, CHANGE));
        row("GET", "/api/v1/allocations/{id}/attach", team(ALLOCATION, CHANGE));
        row("GET", "/api/v1/allocations/{id}/events", team(ALLOCATION, SEE));
        row("GET", "/api/v1/allocations/{id}/samples", team(ALLOCATION, SEE));
        row("GET", "/api/v1/allocations/{id}/applied", team(ALLOCATION, SEE));
        row("POST", "/api/v1/workloads/preview", CHANGER);
        row("POST", "/api/v1/workloads/batch", CHANGER);
        row("POST", "/api/v1/workloads/batch/preview", CHANGER);
        row("GET", "/api/v1/events", SIGNED_IN);
    }

    private void nodes() {
        row("GET", "/agent/v1/session", AGENT);
        row("GET", "/api/v1/nodes", SIGNED_IN);
        row("GET", "/api/v1/nodes/{id}", SIGNED_IN);
        row("GET", "/api/v1/join-tokens", only(ADMIN, OPERATOR));
        row("POST", "/api/v1/join-tokens", only(ADMIN, OPERATOR));
        row("GET", "/agent/v1/announcement", AGENT);
        row("POST", "/agent/v1/enroll", AGENT);
        row("GET", "/api/v1/nodes/{id}/events", SIGNED_IN);
        row("GET", "/api/v1/nodes/{id}/samples", SIGNED_IN);
        row("GET", "/api/v1/nodes/{id}/drain", only(ADMIN, OPERATOR));
        row("POST", "/api/v1/nodes/{id}/drain", only(ADMIN, OPERATOR));
        row("POST", "/api/v1/nodes/{id}/cordon", only(ADMIN, OPERATOR));
        row("POST", "/api/v1/nodes/{id}/uncordon", only(ADMIN, OPERATOR));
        row("POST", "/api/v1/nodes/{id}/confirm-dead", only(ADMIN, OPERATOR));
        row("PUT", "/api/v1/nodes/{id}/labels", only(ADMIN, OPERATOR));
        row("GET", "/api/v1/nodes/{id}/images", SIGNED_IN);
        row("POST", "/api/v1/nodes/{id}/images/clean", only(ADMIN, OPERATOR));
        row("PUT", "/api/v1/nodes/{id}/images/limit", only(ADMIN, OPERATOR));
        row("DELETE", "/api/v1/nodes/{id}", only(ADMIN, OPERATOR));
    }

    private void images() {
        row("GET", "/v2/**", AGENT);
        row("GET", "/api/v1/images", SIGNED_IN);
        row("GET", "/api/v1/images/resolve", CHANGER);
        row("GET", "/api/v1/images/inspect", CHANGER);
        row("GET", "/api/v1/images/archive", CHANGER);
        row("POST", "/api/v1/images/tag", only(ADMIN, OPERATOR));
        row("POST", "/api/v1/images/load", only(ADMIN, OPERATOR));
        row("POST", "/api/v1/images/push", only(ADMIN, OPERATOR));
        row("POST", "/api/v1/images", only(ADMIN, OPERATOR));
        row("DELETE", "/api/v1/images", only(ADMIN, OPERATOR));
        row("GET", "/api/v1/registry-logins", only(ADMIN, OPERATOR));
        row("PUT", "/api/v1/registry-logins", only(ADMIN, OPERATOR));
        row("DELETE", "/api/v1/registry-logins", only(ADMIN, OPERATOR));
    }

    /** Adds a row that lets nobody through. */
    void deny(String method, String pattern) {
        row(method, pattern, new Rule.Nobody());
        rows.sort(Comparator.comparing(Row::pattern));
    }

    private void row(String method, String pattern, Rule rule) {
        rows.add(new Row(method, PathPatternParser.defaultInstance.parse(pattern), rule));
    }

    private static Rule only(Role... roles) {
        return new Rule.Only(Set.of(roles));
    }

    private static Rule team(Resource resource, Rule.Need need) {
        return new Rule.OfTeam(resource, "id", need);
    }

    List<Row> rows() {
        return List.copyOf(rows);
    }

    /** The most specific row for a request; HEAD counts as GET. */
    Optional<Row> find(String method, PathContainer path) {
        String counted = method.equals("HEAD") ? "GET" : method;
        return rows.stream()
                .filter(row -> row.method().equals(counted) && row.pattern().matches(path))
                .findFirst();
    }

    /** The methods that a path is known with. */
    SortedSet<String> methods(PathContainer path) {
        SortedSet<String> methods = new TreeSet<>();
        for (Row row : rows) {
            if (!(row.rule() instanceof Rule.Nobody) && row.pattern().matches(path)) {
                methods.add(row.method());
            }
        }
        if (methods.contains("GET")) {
            methods.add("HEAD");
        }
        return methods;
    }

    /** The rule that a handler's pattern has, null if it stands nowhere. */
    @Nullable
    Rule ruleOf(String method, String pattern) {
        return rows.stream()
                .filter(row -> row.method().equals(method)
                        && row.pattern().getPatternString().equals(pattern))
                .map(Row::rule)
                .findFirst()
                .orElse(null);
    }
}
