package io.flotilla.controlplane.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.database.PlainPostgres;
import io.flotilla.controlplane.fleet.Await;
import io.flotilla.controlplane.fleet.FakeAgent;
import io.flotilla.controlplane.fleet.Rest;
import io.flotilla.controlplane.image.MadeImage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Two control planes on one PostgreSQL: either takes changes, one leads, and when it is killed the other does. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TwoControlPlanesTest {

    private static final String ELSEWHERE = "session with another control plane";

    @TempDir
    static Path directory;

    private static PlainPostgres postgres;
    private static ControlPlaneProcess first;
    private static ControlPlaneProcess second;
    private static Rest atFirst;
    private static Rest atSecond;
    private static FakeAgent bow;
    private static FakeAgent stern;

    @BeforeAll
    static void start() throws Exception {
        postgres = new PlainPostgres();
        String url = postgres.owner("shared", "CREATEROLE");
        Files.setPosixFilePermissions(directory, java.nio.file.attribute.PosixFilePermissions.fromString("rwx--x--x"));
        first = new ControlPlaneProcess(Files.createDirectory(directory.resolve("first")), "--database-url", url);
        first.awaitReady();
        second = new ControlPlaneProcess(Files.createDirectory(directory.resolve("second")), "--database-url", url);
        second.awaitReady();
        atFirst = new Rest(first.url(), first.adminKey());
        atSecond = new Rest(second.url(), second.adminKey());
        bow = FakeAgent.join(atFirst, first.url(), "bow", 8000, 8L << 30);
        stern = FakeAgent.join(atSecond, second.url(), "stern", 8000, 8L << 30);
        for (Rest each : List.of(atFirst, atSecond)) {
            Await.until("both nodes are heard by both", () -> {
                String plan = each.post(
                                "/api/v1/workloads/preview",
                                Map.of("name", "plan", "kind", "service", "image", "flotilla/sample", "replicas", 2))
                        .body()
                        .toString();
                return plan.contains(stern.name()) && !plan.contains("has not been heard yet");
            });
        }
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable each : new AutoCloseable[] {bow, stern, first, second, postgres}) {
            if (each != null) {
                each.close();
            }
        }
    }

    private static List<JsonNode> running(Rest rest, String workload) {
        return rest.list("/api/v1/allocations?workload=" + workload).stream()
                .filter(each -> each.path("status").asString().equals("running"))
                .toList();
    }

    private static String launch(Rest rest, String name, int replicas) {
        Rest.Answer answer = rest.launch(name, Map.of("replicas", replicas));
        assertThat(answer.status()).as("%s", answer).isEqualTo(201);
        return answer.body().path("id").asString();
    }

    private static String on(FakeAgent agent, String workload) {
        return running(atFirst, workload).stream()
                .filter(each -> each.path("nodeName").asString().equals(agent.name()))
                .findFirst()
                .orElseThrow()
                .path("id")
                .asString();
    }

    @Test
    @Order(1)
    void whatOneIsToldIsDoneAndSeenByBoth() {
        String web = launch(atFirst, "web", 2);
        for (Rest each : List.of(atFirst, atSecond)) {
            Await.until("both replicas run", () -> running(each, web).size() == 2);
            assertThat(each.get("/api/v1/audit/verify").body().path("ok").asBoolean())
                    .isTrue();
        }
        assertThat(bow.running())
                .as("%s", atFirst.list("/api/v1/allocations?workload=" + web))
                .hasSize(1);
        assertThat(stern.running()).hasSize(1);
        assertThat(atFirst.launch("web", Map.of()).status()).isEqualTo(409);
        assertThat(atSecond.launch("web", Map.of()).status()).isEqualTo(409);
        assertThat(atSecond.post("/api/v1/workloads/" + web + "/scale", Map.of("replicas", 4))
                        .status())
                .isEqualTo(200);
        Await.until("four run", () -> running(atFirst, web).size() == 4);
        assertThat(atFirst.delete("/api/v1/workloads/" + web).status()).isEqualTo(204);
        Await.until(
                "nothing is left",
                () -> bow.present().isEmpty() && stern.present().isEmpty());
    }

    @Test
    @Order(2)
    void logsAndTerminalsOpenWhereTheNodeIsAndSayWhereTheyDoNot() throws Exception {
        String web = launch(atSecond, "chatty", 2);
        Await.until("both replicas run", () -> running(atFirst, web).size() == 2);
        Rest.Answer logs = atSecond.get("/api/v1/allocations/" + on(bow, web) + "/logs");
        assertThat(logs.status()).isEqualTo(503);
        assertThat(logs.body().path("detail").asString()).contains(ELSEWHERE);
        assertThat(exec(second, on(bow, web))).contains(ELSEWHERE);
        assertThat(exec(second, on(stern, web))).contains("echo");
        assertThat(exec(first, on(bow, web))).contains("echo");
        atFirst.delete("/api/v1/workloads/" + web);
    }

    /** Everything that comes until the socket is closed. */
    private static String exec(ControlPlaneProcess at, String allocation) throws Exception {
        StringBuilder heard = new StringBuilder();
        CompletableFuture<String> end = new CompletableFuture<>();
        WebSocket.Listener listener = new WebSocket.Listener() {
            @Override
            public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
                heard.append(text);
                socket.request(1);
                return CompletableFuture.completedFuture(null);
            }

            @Override
            public CompletionStage<?> onBinary(WebSocket socket, java.nio.ByteBuffer bytes, boolean last) {
                heard.append(java.nio.charset.StandardCharsets.ISO_8859_1.decode(bytes));
                socket.request(1);
                return CompletableFuture.completedFuture(null);
            }

            @Override
            public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
                end.complete(heard.toString());
                return CompletableFuture.completedFuture(null);
            }
        };
        try (HttpClient client = HttpClient.newHttpClient()) {
            client.newWebSocketBuilder()
                    .header("Authorization", "Bearer " + at.adminKey())
                    .buildAsync(
                            URI.create(at.url().replaceFirst("http", "ws") + "/api/v1/allocations/" + allocation
                                    + "/exec?arg=echo"),
                            listener)
                    .get(20, TimeUnit.SECONDS);
            return end.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    @Order(3)
    void anImageIsWhereItWasImported() throws Exception {
        byte[] archive = MadeImage.archive();
        assertThat(MadeImage.upload(first.url(), first.adminKey(), archive)).isEqualTo(201);
        assertThat(atSecond.list("/api/v1/images"))
                .extracting(image -> image.path("name").asString())
                .contains(MadeImage.NAME);
        Rest.Answer refused = atSecond.launch("made", Map.of("image", MadeImage.NAME));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body().path("detail").asString()).contains("import it at this one, too");
        assertThat(MadeImage.upload(second.url(), second.adminKey(), archive)).isEqualTo(201);
        Rest.Answer made = atSecond.launch("made", Map.of("image", MadeImage.NAME));
        assertThat(made.status()).as("%s", made).isEqualTo(201);
        atSecond.delete("/api/v1/workloads/" + made.body().path("id").asString());
    }

    @Test
    @Order(4)
    void whenTheLeaderIsKilledTheOtherLeadsAndReplacesWhatWasLost() throws Exception {
        String web = launch(atSecond, "ha", 2);
        Await.until("both replicas run", () -> running(atSecond, web).size() == 2);
        // The first was alone for a while, so it leads; its node knows no other control plane.
        first.kill();
        assertThat(atSecond.post("/api/v1/workloads/" + web + "/scale", Map.of("replicas", 3))
                        .status())
                .isEqualTo(200);
        Await.until(
                "the lost ones run on the other node",
                () -> stern.running().size() == 3,
                () -> atSecond.list("/api/v1/allocations?workload=" + web));
        assertThat(atSecond.get("/api/v1/audit/verify").body().path("ok").asBoolean())
                .isTrue();
    }
}
