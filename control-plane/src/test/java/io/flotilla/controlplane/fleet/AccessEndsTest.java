package io.flotilla.controlplane.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.RestartableControlPlane;
import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.identity.ApiTokens;
import io.flotilla.controlplane.identity.Browser;
import io.flotilla.controlplane.identity.Logins;
import io.flotilla.controlplane.identity.TokenRequest;
import io.flotilla.controlplane.identity.UserChange;
import io.flotilla.controlplane.identity.Users;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Terminals and streams of events end soon after whoever opened them may not have them any more, and not before. */
class AccessEndsTest {

    private static final Actor ROOT = Actor.localRoot("test");
    private static final int POLICY_VIOLATION = 1008;
    private static final String PASSWORD = "correct horse";

    @TempDir
    static Path data;

    private static RestartableControlPlane plane;
    private static Rest rest;
    private static FakeAgent agent;
    private static String team;
    private static String allocation;

    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    static void startEverything() throws IOException {
        plane = new RestartableControlPlane(data).start();
        rest = new Rest(plane.url(), plane.adminKey());
        agent = FakeAgent.join(rest, plane.url(), "one", 4000, 8L << 30);
        team = rest.post("/api/v1/teams", Map.of("name", "blue"))
                .body()
                .path("id")
                .asString();
        rest.launch("web", Map.of("team", "blue"));
        Await.until(
                "it runs",
                () -> rest.list("/api/v1/allocations").stream()
                        .anyMatch(each -> each.path("status").asString().equals("running")));
        allocation = rest.list("/api/v1/allocations").getFirst().path("id").asString();
    }

    @AfterAll
    static void stopEverything() {
        agent.close();
        plane.close();
    }

    /** What becomes of a WebSocket. */
    private static final class Ending implements WebSocket.Listener {

        private final CompletableFuture<Integer> code = new CompletableFuture<>();

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            code.complete(status);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            code.complete(-1);
        }
    }

    private Ending terminal(String path, Map<String, String> headers) throws Exception {
        Ending ending = new Ending();
        WebSocket.Builder builder = client.newWebSocketBuilder();
        headers.forEach((name, value) -> builder.header(name, value));
        builder.buildAsync(URI.create(plane.url().replaceFirst("^http", "ws") + path), ending)
                .get(10, TimeUnit.SECONDS);
        return ending;
    }

    private static String execPath() {
        return "/api/v1/allocations/" + allocation + "/exec?arg=stay";
    }

    private static Map<String, String> bearer(String token) {
        return Map.of("Authorization", "Bearer " + token);
    }

    private static Actor member(String name) {
        plane.bean(Users.class).create(ROOT, new UserChange(name, null, Role.MEMBER.word(), PASSWORD, null));
        UUID id = id(name);
        assertThat(rest.put("/api/v1/teams/" + team + "/members/" + id, Map.of())
                        .status())
                .isLessThan(300);
        return plane.bean(Logins.class).actor(cookie(name), "test").orElseThrow();
    }

    private static UUID id(String name) {
        return plane.bean(Users.class).list().stream()
                .filter(user -> user.name().equals(name))
                .findFirst()
                .orElseThrow()
                .id();
    }

    private static String cookie(String name) {
        return plane.bean(Logins.class).login(name, PASSWORD, new Browser("127.0.0.1", "test"));
    }

    private static ApiTokens.Made token(Actor owner) {
        return plane.bean(ApiTokens.class).create(owner, new TokenRequest("t", "write", null, 1));
    }

    @Test
    void aTerminalEndsWithTheTokenThatOpenedIt() throws Exception {
        Actor owner = member("token-owner");
        ApiTokens.Made revoked = token(owner);
        ApiTokens.Made kept = token(owner);
        long closed = agent.closedStreams();
        Ending ended = terminal(execPath(), bearer(revoked.token()));
        Ending stays = terminal(execPath(), bearer(kept.token()));

        plane.bean(ApiTokens.class).revoke(owner, revoked.details().id());

        assertThat(ended.code.get(60, TimeUnit.SECONDS)).isEqualTo(POLICY_VIOLATION);
        Await.until("the node is told", () -> agent.closedStreams() == closed + 1);
        assertThat(stays.code).isNotDone();
    }

    @Test
    void aTerminalInTheBrowserEndsWithTheSession() throws Exception {
        Actor owner = member("browser-owner");
        String cookie = cookie("browser-owner");
        long closed = agent.closedStreams();
        String port = plane.url().replaceAll(".*:", "");
        Ending ended = terminal(
                "/allocations/" + allocation + "/terminal/socket?command=stay",
                Map.of("Cookie", "flotilla-" + port + "=" + cookie, "Origin", plane.url()));

        plane.bean(Logins.class).logout(owner, cookie);

        assertThat(ended.code.get(60, TimeUnit.SECONDS)).isEqualTo(POLICY_VIOLATION);
        Await.until("the node is told", () -> agent.closedStreams() == closed + 1);
    }

    @Test
    void terminalAndEventsEndWithTheMembership() throws Exception {
        Actor owner = member("former");
        String token = token(owner).token();
        Ending terminal = terminal(execPath(), bearer(token));
        CompletableFuture<Boolean> events = events(token);

        assertThat(rest.delete("/api/v1/teams/" + team + "/members/" + id("former"))
                        .status())
                .isLessThan(300);

        assertThat(terminal.code.get(60, TimeUnit.SECONDS)).isEqualTo(POLICY_VIOLATION);
        assertThat(events.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(new Rest(plane.url(), token).get("/api/v1/teams").status()).isEqualTo(200);
    }

    @Test
    void eventsEndWithTheUser() throws Exception {
        Actor owner = member("disabled");
        CompletableFuture<Boolean> events = events(token(owner).token());

        plane.bean(Users.class).update(ROOT, id("disabled"), new UserChange(null, null, null, null, true));

        assertThat(events.get(60, TimeUnit.SECONDS)).isTrue();
    }

    /** Completes when the stream has ended, with whether it had begun. */
    private CompletableFuture<Boolean> events(String token) throws Exception {
        HttpResponse<InputStream> response = client.send(
                HttpRequest.newBuilder(URI.create(plane.url() + "/api/v1/events"))
                        .header("Authorization", "Bearer " + token)
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (InputStream body = response.body()) {
                ended.complete(body.readAllBytes().length > 0);
            } catch (IOException e) {
                ended.complete(true);
            }
        });
        return ended;
    }
}
