package io.flotilla.controlplane.identity.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.RunningControlPlane;
import io.flotilla.controlplane.RunningControlPlane.Answer;
import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.audit.AuditEntry;
import io.flotilla.controlplane.audit.AuditQuery;
import io.flotilla.controlplane.audit.AuditReview;
import io.flotilla.controlplane.identity.ApiTokens;
import io.flotilla.controlplane.identity.Browser;
import io.flotilla.controlplane.identity.Gate;
import io.flotilla.controlplane.identity.Logins;
import io.flotilla.controlplane.identity.TokenRequest;
import io.flotilla.controlplane.identity.UserChange;
import io.flotilla.controlplane.identity.Users;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.http.server.PathContainer;
import org.springframework.web.reactive.handler.AbstractUrlHandlerMapping;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;

class GateTest {

    @RegisterExtension
    static final RunningControlPlane plane = new RunningControlPlane();

    private static final String PASSWORD = "correct horse";

    private static List<Routes.Route> routes() {
        return Routes.of(
                List.copyOf(plane.context()
                        .getBeansOfType(RequestMappingHandlerMapping.class)
                        .values()),
                List.copyOf(plane.context()
                        .getBeansOfType(AbstractUrlHandlerMapping.class)
                        .values()));
    }

    private static String login(String name, Role role) {
        plane.bean(Users.class)
                .create(Actor.localRoot("test"), new UserChange(name, null, role.word(), PASSWORD, null));
        return plane.bean(Logins.class).login(name, PASSWORD, new Browser("127.0.0.1", "test"));
    }

    private static String token(String cookie) {
        Actor owner = plane.bean(Logins.class).actor(cookie, "test").orElseThrow();
        return plane.bean(ApiTokens.class)
                .create(owner, new TokenRequest("walk", owner.is(Role.ADMIN) ? "admin" : "write", null, 1))
                .token();
    }

    private static AuditEntry newest() {
        return plane.bean(AuditReview.class).find(AuditQuery.ALL, null, 1).getFirst();
    }

    @Test
    void everyRegisteredRouteStandsInTheTable() {
        Gate gate = plane.bean(Gate.class);
        assertThat(routes().stream()
                        .filter(route -> !gate.lists(route.method(), route.pattern()))
                        .toList())
                .isEmpty();
    }

    @Test
    void everyRouteAnswersEveryRoleAsTheTableSays() {
        Map<Role, String> tokens = new HashMap<>();
        for (Role role : Role.values()) {
            tokens.put(role, token(login("walker-" + role.word(), role)));
        }
        for (Routes.Route route : routes()) {
            String path = route.pattern()
                    .replaceAll("\\{action:([a-z]+)[^}]*}", "$1")
                    .replaceAll("\\{[^}]*}", UUID.randomUUID().toString())
                    .replace("**", "x");
            String json = route.method().equals("GET") || route.method().equals("DELETE") ? null : "{\"?\":1}";
            Answer stranger = plane.send(plane.request(route.method(), path, json));
            boolean open = plane.bean(Gate.class)
                            .decide(Actor.anonymous("test"), route.method(), PathContainer.parsePath(path))
                    instanceof Gate.Decision.Allowed;
            if (!open) {
                assertThat(stranger.status()).as("%s %s", route, stranger).isEqualTo(401);
            }
            tokens.forEach((role, token) -> check(route, path, json, token));
        }
    }

    /** Who proves something to the handler itself, an agent or a person who signs in, is refused there. */
    private static boolean checkedByHandler(Routes.Route route) {
        return route.pattern().startsWith("/agent/")
                || route.pattern().startsWith("/v2")
                || route.pattern().equals("/login")
                || route.pattern().equals("/setup");
    }

    private static void check(Routes.Route route, String path, @Nullable String json, String token) {
        if (checkedByHandler(route)) {
            return;
        }
        Actor actor = plane.bean(ApiTokens.class).actor(token, "test").orElseThrow();
        Gate.Decision decision = plane.bean(Gate.class).decide(actor, route.method(), PathContainer.parsePath(path));
        int status = plane.ask(token, route.method(), path, json).status();
        switch (decision) {
            case Gate.Decision.Allowed() ->
                assertThat(status).as("%s for %s", route, actor).isNotIn(401);
            case Gate.Decision.Unknown() ->
                assertThat(status).as("%s for %s", route, actor).isEqualTo(401);
            case Gate.Decision.Forbidden(String doing) ->
                assertThat(status).as("%s for %s: %s", route, actor, doing).isEqualTo(403);
            case Gate.Decision.Missing() ->
                assertThat(status).as("%s for %s", route, actor).isEqualTo(404);
            case Gate.Decision.WrongMethod(SortedSet<String> known) ->
                throw new AssertionError(route + " is registered, yet only " + known + " are known");
        }
    }

    @Test
    void refusesAChangeThatAnotherSitesPageMadeTheBrowserSend() {
        String cookie = login("victim", Role.ADMIN);
        String sent = "flotilla-" + plane.settings().port() + "=" + cookie;
        String own = plane.settings().localUrl();
        String form = SessionCookie.csrfToken(cookie);
        String body = "{\"name\":\"forged\"}";

        assertThat(plane.send(plane.request("POST", "/api/v1/teams", body)
                                .header("Cookie", sent)
                                .header("Origin", "https://evil.example")
                                .header("X-CSRF-Token", form))
                        .status())
                .isEqualTo(403);
        assertThat(plane.send(plane.request("POST", "/api/v1/teams", body)
                                .header("Cookie", sent)
                                .header("X-CSRF-Token", form))
                        .status())
                .isEqualTo(403);
        assertThat(plane.send(plane.request("POST", "/api/v1/teams", body)
                                .header("Cookie", sent)
                                .header("Origin", own))
                        .status())
                .isEqualTo(403);
        assertThat(newest().reason()).contains("form token");
        assertThat(plane.send(plane.request("POST", "/api/v1/teams", body)
                                .header("Cookie", sent)
                                .header("Origin", own)
                                .header("X-CSRF-Token", form))
                        .status())
                .isEqualTo(201);
    }

    @Test
    void recordsEveryAcceptedMutationAndEveryRefusalOnce() {
        long before = newest().seq();
        assertThat(plane.ask(plane.adminKey(), "POST", "/api/v1/teams", "{\"name\":\"counted\"}")
                        .status())
                .isEqualTo(201);
        assertThat(newest().seq()).isEqualTo(before + 1);
        assertThat(newest().actor()).isEqualTo("local-root");
        assertThat(newest().source()).isEqualTo("127.0.0.1");

        assertThat(plane.ask(plane.adminKey(), "POST", "/api/v1/teams", "{\"name\":\"counted\"}")
                        .status())
                .isEqualTo(409);
        assertThat(newest().seq()).isEqualTo(before + 2);
        assertThat(newest().result()).isEqualTo("refused");
        assertThat(newest().action()).isEqualTo("team.create");
        assertThat(plane.ask("wrong", "GET", "/api/v1/teams", null).status()).isEqualTo(401);
        assertThat(newest().seq()).isEqualTo(before + 3);
        assertThat(plane.ask(plane.adminKey(), "GET", "/api/v1/teams", null).status())
                .isEqualTo(200);
        assertThat(newest().seq()).isEqualTo(before + 3);
    }

    @Test
    void namesUnknownFieldsAndRefusesLargeBodies() {
        Answer unknown = plane.ask(plane.adminKey(), "POST", "/api/v1/teams", "{\"name\":\"x\",\"qouta\":{}}");
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(unknown.body()).contains("\"field\":\"qouta\"");

        String large = "{\"name\":\"" + "x".repeat(2_000_000) + "\"}";
        Answer refused = plane.ask(plane.adminKey(), "POST", "/api/v1/teams", large);
        assertThat(refused.status()).isEqualTo(413);
        assertThat(refused.body()).contains("the body is larger than the 1 MiB that are accepted here");
    }

    @Test
    void saysWithWhichMethodsAnAddressIsKnown() {
        String some = "/api/v1/workloads/" + UUID.randomUUID();
        Answer patched = plane.ask(plane.adminKey(), "PATCH", some, "{}");
        assertThat(patched.status()).isEqualTo(405);
        assertThat(patched.header("Allow")).isEqualTo("DELETE, GET, HEAD, PUT");
        assertThat(patched.body()).contains("PATCH is not known here; known are DELETE, GET, HEAD, PUT");
        assertThat(plane.ask(plane.adminKey(), "PATCH", "/api/v1/unheard-of", "{}")
                        .status())
                .isEqualTo(404);
        assertThat(plane.send(plane.request("PATCH", some, "{}")).status()).isEqualTo(401);
    }

    @Test
    void everyAnswerCarriesTheSecurityHeaders() {
        for (String path : List.of("/login", "/api/v1/openapi.json", "/nowhere")) {
            Answer answer = plane.send(plane.request("GET", path, null));
            assertThat(answer.header("Content-Security-Policy"))
                    .contains("default-src 'none'")
                    .contains("frame-ancestors 'none'")
                    .doesNotContain("unsafe");
            assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(answer.header("Referrer-Policy")).isEqualTo("same-origin");
        }
    }

    @Test
    void slowsGuessingDownAndSaysForHowLong() {
        Logins logins = plane.bean(Logins.class);
        login("guessed", Role.MEMBER);
        Browser browser = new Browser("192.0.2.7", "test");
        org.assertj.core.api.ThrowableAssert.ThrowingCallable wrong = () -> logins.login("guessed", "wrong", browser);
        for (int i = 0; i < 5; i++) {
            org.assertj.core.api.Assertions.assertThatThrownBy(wrong).hasMessageContaining("is wrong");
        }
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> logins.login("guessed", PASSWORD, browser))
                .hasMessageContaining("too many wrong tries");
        assertThat(logins.login("guessed", PASSWORD, new Browser("192.0.2.8", "test")))
                .isNotEmpty();
    }

    @Test
    void endsSessionsAndTokensOfADisabledUserAtOnce() {
        String cookie = login("leaver", Role.OPERATOR);
        String token = token(cookie);
        assertThat(plane.ask(token, "GET", "/api/v1/teams", null).status()).isEqualTo(200);
        UUID id = plane.bean(Users.class).list().stream()
                .filter(user -> user.name().equals("leaver"))
                .findFirst()
                .orElseThrow()
                .id();

        plane.bean(Users.class).update(Actor.localRoot("test"), id, new UserChange(null, null, null, null, true));

        assertThat(plane.ask(token, "GET", "/api/v1/teams", null).status()).isEqualTo(401);
        assertThat(plane.bean(Logins.class).actor(cookie, "test")).isEmpty();
    }

    @Test
    void answersOnLoopbackOnlyUnderThisMachinesNames() throws Exception {
        try (java.net.Socket socket = new java.net.Socket(
                java.net.InetAddress.getLoopbackAddress(), plane.settings().port())) {
            socket.getOutputStream()
                    .write("GET /login HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 421");
        }
    }
}
