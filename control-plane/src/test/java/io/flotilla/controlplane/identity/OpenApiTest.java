package io.flotilla.controlplane.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.RunningControlPlane;
import io.flotilla.controlplane.fleet.Await;
import io.flotilla.controlplane.fleet.FakeAgent;
import io.flotilla.controlplane.fleet.Rest;
import io.flotilla.controlplane.image.MadeImage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** The description of the API against the authorisation table, and against what the API really takes and gives. */
class OpenApiTest {

    @RegisterExtension
    static final RunningControlPlane plane = new RunningControlPlane();

    /** What is no JSON document: streams, WebSockets, and the description itself. */
    private static final Set<String> NO_DOCUMENTS = Set.of(
            "/api/v1/events",
            "/api/v1/allocations/{id}/logs",
            "/api/v1/allocations/{id}/exec",
            "/api/v1/allocations/{id}/attach",
            "/api/v1/recordings/{id}/cast",
            "/api/v1/audit/export",
            "/api/v1/images/archive",
            "/api/v1/openapi.json");

    private static Rest rest;
    private static FakeAgent agent;
    private static JsonNode api;
    private static final Map<String, String> ids = new HashMap<>();

    @BeforeAll
    static void fillEveryList() throws Exception {
        String url = plane.settings().localUrl();
        rest = new Rest(url, plane.adminKey());
        api = rest.get("/api/v1/openapi.json").body();
        agent = FakeAgent.join(rest, url, "keel", 8000, 8L << 30);
        ids.put("nodes", agent.nodeId().toString());
        Await.until(
                "the node is online",
                () -> rest.get("/api/v1/nodes/" + agent.nodeId())
                        .body()
                        .path("status")
                        .asString()
                        .equals("online"));
        made("teams", "/api/v1/teams", Map.of("name", "crew", "quota", Map.of("replicas", 10, "cpu", 4)));
        made(
                "users",
                "/api/v1/users",
                Map.of("name", "ann", "role", "member", "password", "correct horse", "displayName", "Ann"));
        made("tokens", "/api/v1/tokens", Map.of("name", "ci", "scope", "admin"));
        made("join-tokens", "/api/v1/join-tokens", Map.of("ttlMinutes", 5));
        Rest.Answer workload = rest.launch(
                "web",
                Map.of("ports", List.of(Map.of("container", 80)), "env", Map.of("A", "b"), "command", List.of("/x")));
        fits("post", "/api/v1/workloads", workload);
        ids.put("workloads", workload.body().path("id").asString());
        String allocations = "/api/v1/allocations?workload=" + ids.get("workloads");
        Await.until(
                "it runs",
                () -> rest.list(allocations).stream()
                        .anyMatch(each -> each.path("status").asString().equals("running")));
        ids.put("allocations", rest.list(allocations).getFirst().path("id").asString());
        recordATerminal(url);
        MadeImage.upload(url, plane.adminKey(), MadeImage.archive());
        Map<String, Object> login = Map.of("registry", "reg.example", "username", "u", "password", "p");
        fits("put", "/api/v1/registry-logins", rest.put("/api/v1/registry-logins", login));
        fits(
                "post",
                "/api/v1/workloads/preview",
                rest.post(
                        "/api/v1/workloads/preview",
                        Map.of("name", "other", "kind", "service", "image", "flotilla/sample")));
        Map<String, Object> batch = Map.of(
                "workloads",
                List.of(
                        Map.of("name", "db", "kind", "service", "image", "flotilla/sample"),
                        Map.of("name", "once", "kind", "job", "image", "flotilla/sample")));
        fits("post", "/api/v1/workloads/batch/preview", rest.post("/api/v1/workloads/batch/preview", batch));
        fits("post", "/api/v1/workloads/batch", rest.post("/api/v1/workloads/batch", batch));
        fits(
                "post",
                "/api/v1/workloads/{id}/scale",
                rest.post("/api/v1/workloads/" + ids.get("workloads") + "/scale", Map.of("replicas", 2)));
    }

    private static void recordATerminal(String url) throws Exception {
        CompletableFuture<Integer> end = new CompletableFuture<>();
        WebSocket.Listener listener = new WebSocket.Listener() {
            @Override
            public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
                end.complete(status);
                return CompletableFuture.completedFuture(null);
            }
        };
        String address =
                url.replaceFirst("http", "ws") + "/api/v1/allocations/" + ids.get("allocations") + "/exec?arg=echo";
        try (HttpClient client = HttpClient.newHttpClient()) {
            client.newWebSocketBuilder()
                    .header("Authorization", "Bearer " + plane.adminKey())
                    .buildAsync(URI.create(address), listener)
                    .get(20, TimeUnit.SECONDS);
            end.get(20, TimeUnit.SECONDS);
        }
        ids.put(
                "recordings",
                rest.list("/api/v1/recordings").getFirst().path("id").asString());
    }

    @AfterAll
    static void leave() {
        agent.close();
    }

    private static void made(String kind, String path, Object body) {
        Rest.Answer answer = rest.post(path, body);
        fits("post", path, answer);
        ids.put(kind, answer.body().path("id").asString());
    }

    private static JsonNode operation(String method, String path) {
        return api.path("paths").path(path).path(method);
    }

    private static void fits(String method, String path, Rest.Answer answer) {
        String status = Integer.toString(answer.status());
        JsonNode response = operation(method, path).path("responses").path(status);
        assertThat(response.isObject())
                .as("%s %s has a documented answer %s: %s", method, path, status, answer)
                .isTrue();
        JsonNode schema = response.path("content").path("application/json").path("schema");
        List<String> faults = new ArrayList<>();
        new Schema(api).check(schema, answer.body(), "", faults);
        assertThat(faults).as("%s %s: %s", method, path, answer.body()).isEmpty();
    }

    @Test
    void describesExactlyTheRoutesOfTheAuthorisationTable() {
        Set<String> described = new TreeSet<>();
        api.path("paths")
                .propertyNames()
                .forEach(path -> api.path("paths")
                        .path(path)
                        .propertyNames()
                        .forEach(method -> described.add(method.toUpperCase(java.util.Locale.ROOT) + " " + path)));
        Set<String> table = Access.table().rows().stream()
                .map(row -> row.method() + " " + row.pattern().getPatternString())
                .filter(row -> row.contains(" /api/v1/"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(described).isEqualTo(table);
    }

    @Test
    void everyDocumentThatCanBeReadFitsItsSchema() {
        List<String> read = new ArrayList<>();
        for (String path : api.path("paths").propertyNames()) {
            if (operation("get", path).isObject() && !NO_DOCUMENTS.contains(path)) {
                String kind = path.split("/", -1)[3];
                String address = path.replace("{id}", String.valueOf(ids.get(kind)));
                Rest.Answer answer =
                        rest.get(path.matches(".*/(resolve|inspect)") ? address + "?image=" + MadeImage.NAME : address);
                assertThat(answer.status()).as("%s: %s", address, answer).isEqualTo(200);
                fits("get", path, answer);
                read.add(path);
            }
        }
        assertThat(read).hasSizeGreaterThan(20);
    }

    @Test
    void everyBodyTakesTheFieldsThatAreDescribedAndNoOther() {
        List<String> asked = new ArrayList<>();
        for (String path : api.path("paths").propertyNames()) {
            for (String method : List.of("post", "put")) {
                JsonNode schema = operation(method, path)
                        .path("requestBody")
                        .path("content")
                        .path("application/json")
                        .path("schema");
                if (new Schema(api).target(schema).has("properties")) {
                    asked.add(path);
                    takesWhatIsDescribed(method, path, schema);
                }
            }
        }
        assertThat(asked).contains("/api/v1/workloads", "/api/v1/teams", "/api/v1/users/{id}");
    }

    private static void takesWhatIsDescribed(String method, String path, JsonNode schema) {
        String address = path.replace("{id}", String.valueOf(ids.get(path.split("/", -1)[3])));
        Rest.Answer unknown = send(method, address, Map.of("bogus", 1));
        assertThat(unknown.status()).as("%s %s", path, unknown).isEqualTo(400);
        assertThat(unknown.body().path("field").asString())
                .as("%s %s", path, unknown)
                .isEqualTo("bogus");
        for (String field : new Schema(api).target(schema).path("properties").propertyNames()) {
            // Of a type that no field has, so that nothing is changed.
            Rest.Answer known = send(method, address, Map.of(field, List.of(List.of(List.of()))));
            assertThat(known.status()).as("%s %s: %s", path, field, known).isEqualTo(400);
            assertThat(known.body().toString()).as("%s %s", path, field).doesNotContain("is not a known field");
        }
    }

    private static Rest.Answer send(String method, String address, Object body) {
        return method.equals("put") ? rest.put(address, body) : rest.post(address, body);
    }

    @Test
    void aMistakeIsAProblemThatNamesTheField() {
        JsonNode schema = api.path("components").path("schemas").path("Problem");
        Map<String, Rest.Answer> mistakes = Map.of(
                "name", rest.launch("NO", Map.of()),
                "replicas", rest.launch("fine", Map.of("replicas", -1)),
                "image", rest.get("/api/v1/images/resolve"),
                "limit", rest.get("/api/v1/audit?limit=many"),
                "id", rest.get("/api/v1/users/not-an-id"));
        mistakes.forEach((field, answer) -> {
            assertThat(answer.status()).as("%s", answer).isEqualTo(400);
            List<String> faults = new ArrayList<>();
            new Schema(api).check(schema, answer.body(), "", faults);
            assertThat(faults).as("%s", answer).isEmpty();
            assertThat(answer.body().path("field").asString()).as("%s", answer).isEqualTo(field);
        });
    }
}
