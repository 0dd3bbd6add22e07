package io.flotilla.controlplane.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.identity.Gate.Decision;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.http.server.PathContainer;

/** Walks the whole table with every role, a member of another team, and restricted tokens. */
class AccessTest {

    private static final UUID TEAM = UUID.randomUUID();
    private static final UUID FOREIGN = UUID.randomUUID();
    private static final Set<String> OPEN = Set.of(
            "GET /api/v1/openapi.json", "GET /assets/**", "GET /setup", "POST /setup", "GET /login", "POST /login");
    /** What an auditor and a read-only caller may do besides looking: their own session and tokens. */
    private static final Set<String> OWN_AFFAIRS = Set.of(
            "POST /account/password",
            "POST /logout",
            "POST /tokens",
            "POST /tokens/{id}/revoke",
            "POST /api/v1/tokens",
            "DELETE /api/v1/tokens/{id}");

    private final Gate gate =
            new Gate(Arrays.stream(Resource.values()).map(AccessTest::inTeam).toList());

    private static TeamOf inTeam(Resource kind) {
        return new TeamOf() {
            @Override
            public Resource resource() {
                return kind;
            }

            @Override
            public Optional<UUID> team(UUID id) {
                return Optional.of(TEAM);
            }
        };
    }

    private static Actor actor(@Nullable Role role, Set<UUID> teams, boolean readOnly, @Nullable UUID onlyTeam) {
        return new Actor(Actor.Kind.USER, UUID.randomUUID(), "someone", role, teams, readOnly, onlyTeam, "test");
    }

    private static Actor of(Role role) {
        return actor(role, Set.of(), false, null);
    }

    static Stream<Access.Row> rows() {
        return Access.table().rows().stream();
    }

    private Decision decide(Actor actor, Access.Row row) {
        String path = row.pattern()
                .getPatternString()
                .replaceAll("\\{action:([a-z]+)[^}]*}", "$1")
                .replaceAll("\\{[^}]*}", UUID.randomUUID().toString())
                .replace("**", "x");
        return gate.decide(actor, row.method(), PathContainer.parsePath(path));
    }

    private boolean passes(Actor actor, Access.Row row) {
        return decide(actor, row) instanceof Decision.Allowed;
    }

    private static String name(Access.Row row) {
        return row.method() + " " + row.pattern().getPatternString();
    }

    private static boolean looks(Access.Row row) {
        return row.method().equals("GET");
    }

    @ParameterizedTest
    @MethodSource("rows")
    void strangersPassOnlyWhatIsOpenOnPurpose(Access.Row row) {
        boolean agent = row.rule() instanceof Rule.Agent;
        assertThat(passes(Actor.anonymous("test"), row)).as(name(row)).isEqualTo(agent || OPEN.contains(name(row)));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void administratorsPassEverything(Access.Row row) {
        assertThat(passes(of(Role.ADMIN), row)).as(name(row)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void operatorsPassEverythingButUsersTeamsAndTheAuditLog(Access.Row row) {
        boolean theirs = !(row.rule() instanceof Rule.Only only) || only.roles().contains(Role.OPERATOR);
        assertThat(passes(of(Role.OPERATOR), row)).as(name(row)).isEqualTo(theirs);
        if (name(row).contains("users") || name(row).contains("/audit")) {
            assertThat(passes(of(Role.OPERATOR), row)).as(name(row)).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void auditorsChangeNothingAndReadNoLogs(Access.Row row) {
        boolean passes = passes(of(Role.AUDITOR), row);
        if (!looks(row)) {
            boolean agent = row.rule() instanceof Rule.Agent;
            assertThat(passes)
                    .as(name(row))
                    .isEqualTo(agent || OWN_AFFAIRS.contains(name(row)) || OPEN.contains(name(row)));
        }
        if (row.pattern().getPatternString().contains("/logs")
                || row.pattern().getPatternString().contains("/exec")
                || row.pattern().getPatternString().contains("/terminal")) {
            assertThat(passes).as(name(row)).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void membersPassForTheirTeamAndFindNothingOfOthers(Access.Row row) {
        Actor member = actor(Role.MEMBER, Set.of(TEAM), false, null);
        Actor foreign = actor(Role.MEMBER, Set.of(FOREIGN), false, null);
        if (row.rule() instanceof Rule.OfTeam) {
            assertThat(passes(member, row)).as(name(row)).isTrue();
            assertThat(decide(foreign, row)).as(name(row)).isInstanceOf(Decision.Missing.class);
        }
        if (row.rule() instanceof Rule.Only only && !only.roles().contains(Role.MEMBER)) {
            assertThat(decide(member, row)).as(name(row)).isInstanceOf(Decision.Forbidden.class);
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void readOnlyTokensChangeNothingWhoeverOwnsThem(Access.Row row) {
        Actor token = actor(Role.ADMIN, Set.of(TEAM), true, null);
        boolean terminal = row.rule() instanceof Rule.OfTeam team && team.need() == Rule.Need.CHANGE;
        if (!looks(row) || terminal) {
            assertThat(passes(token, row)).as(name(row)).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void tokensOfOneTeamStayInItEvenAnAdministrators(Access.Row row) {
        Actor token = actor(Role.ADMIN, Set.of(), false, FOREIGN);
        if (row.rule() instanceof Rule.OfTeam) {
            assertThat(decide(token, row)).as(name(row)).isInstanceOf(Decision.Missing.class);
        }
        if (row.rule() instanceof Rule.Only) {
            assertThat(decide(token, row)).as(name(row)).isInstanceOf(Decision.Forbidden.class);
        }
    }

    @Test
    void deniesWhatStandsNowhere() {
        for (String method : List.of("GET", "POST", "PATCH", "TRACE")) {
            PathContainer path = PathContainer.parsePath("/api/v1/unheard-of");
            assertThat(gate.decide(Actor.anonymous("test"), method, path)).isInstanceOf(Decision.Unknown.class);
            assertThat(gate.decide(of(Role.ADMIN), method, path)).isInstanceOf(Decision.Missing.class);
        }
    }

    @Test
    void deniesAHandlerThatWouldHideBehindAMoreGeneralRow() {
        PathContainer path = PathContainer.parsePath("/api/v1/nodes/secrets");
        assertThat(gate.decide(of(Role.MEMBER), "GET", path)).isInstanceOf(Decision.Allowed.class);

        assertThat(gate.denyUnlessListed("GET", "/api/v1/nodes/secrets")).isFalse();

        assertThat(gate.decide(of(Role.ADMIN), "GET", path)).isInstanceOf(Decision.Missing.class);
    }
}
