package io.flotilla.controlplane.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.RestartableControlPlane;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Several workloads in one change, as a Compose file has them. */
class BatchTest {

    private static final String BATCH = "/api/v1/workloads/batch";

    @TempDir
    static Path data;

    private static RestartableControlPlane plane;
    private static Rest rest;
    private static FakeAgent agent;

    @BeforeAll
    static void start() throws IOException {
        plane = new RestartableControlPlane(data).start();
        rest = new Rest(plane.url(), plane.adminKey());
        agent = FakeAgent.join(rest, plane.url(), "keel", 8000, 8L << 30);
        Await.until(
                "the node is online",
                () -> rest.get("/api/v1/nodes/" + agent.nodeId())
                        .body()
                        .path("status")
                        .asString()
                        .equals("online"));
    }

    @AfterAll
    static void stop() {
        agent.close();
        plane.close();
    }

    private static Map<String, Object> batch(Object... workloads) {
        return Map.of("workloads", List.of(workloads));
    }

    private static List<String> names() {
        return rest.list("/api/v1/workloads").stream()
                .map(each -> each.path("name").asString())
                .toList();
    }

    private static List<JsonNode> audit() {
        return rest.list("/api/v1/audit?limit=50");
    }

    private static long seq() {
        return audit().getFirst().path("seq").asLong();
    }

    private static Map<String, String> errors(Rest.Answer answer) {
        Map<String, String> errors = new HashMap<>();
        answer.body()
                .path("errors")
                .forEach(each -> errors.put(
                        each.path("field").asString(), each.path("detail").asString()));
        return errors;
    }

    private static String team(String name, Map<String, Object> quota) {
        Rest.Answer made = rest.post("/api/v1/teams", Map.of("name", name, "quota", quota));
        assertThat(made.status()).as("%s", made).isEqualTo(201);
        return made.body().path("id").asString();
    }

    @Test
    void launchesAllOfThemInOrderWithAnAuditEntryEach() {
        long before = seq();
        Rest.Answer made = rest.post(
                BATCH,
                batch(
                        Rest.service("shop-db", Map.of()),
                        Rest.service("shop-web", Map.of("replicas", 2)),
                        Rest.service("shop-cache", Map.of())));
        assertThat(made.status()).as("%s", made).isEqualTo(201);
        assertThat(made.body().path("items"))
                .extracting(each -> each.path("name").asString())
                .containsExactly("shop-db", "shop-web", "shop-cache");
        assertThat(audit().stream()
                        .filter(each -> each.path("seq").asLong() > before)
                        .filter(each -> each.path("action").asString().equals("workload.create"))
                        .map(each -> each.path("target").asString()))
                .containsExactly("shop-cache", "shop-web", "shop-db");
        assertThat(seq()).isEqualTo(before + 3);
        assertThat(rest.get("/api/v1/audit/verify").body().path("ok").asBoolean())
                .isTrue();
        made.body()
                .path("items")
                .forEach(each -> Await.until(
                        "it runs",
                        () -> rest.get("/api/v1/workloads/" + each.path("id").asString())
                                .body()
                                .path("status")
                                .asString()
                                .equals("running")));
    }

    @Test
    void oneThatIsWrongLeavesNothingAndEveryWrongFieldIsNamed() {
        long before = seq();
        Rest.Answer refused = rest.post(
                BATCH,
                batch(
                        Rest.service("fine", Map.of()),
                        Rest.service("fine-too", Map.of("restart", "perhaps")),
                        Rest.service("third", Map.of("image", "Not An Image")),
                        Rest.service("fourth", Map.of("replicas", -1, "ports", List.of(Map.of("host", 80))))));
        assertThat(refused.status()).as("%s", refused).isEqualTo(400);
        assertThat(errors(refused))
                .containsOnlyKeys(
                        "workloads[1].restart",
                        "workloads[2].image",
                        "workloads[3].replicas",
                        "workloads[3].ports[0].container");
        assertThat(names()).doesNotContain("fine", "fine-too", "third", "fourth");
        assertThat(seq()).isEqualTo(before + 1);
        assertThat(audit().getFirst().path("result").asString()).isEqualTo("refused");
    }

    @Test
    void theQuotaIsCheckedForTheSum() {
        String team = team("sums", Map.of("cpu", 1, "replicas", 10));
        Object[] three = IntStream.of(1, 2, 3)
                .mapToObj(i -> Rest.service("sum-" + i, Map.of("team", "sums", "resources", Map.of("cpu", 0.4))))
                .toArray();
        Rest.Answer refused = rest.post(BATCH, batch(three));
        assertThat(refused.status()).as("%s", refused).isEqualTo(422);
        assertThat(refused.body().path("field").asString()).isEqualTo("workloads");
        assertThat(refused.body().path("detail").asString())
                .isEqualTo("The quota of team sums leaves 1 core of 1 core, 1.2 cores more asked for");
        assertThat(names()).noneMatch(name -> name.startsWith("sum-"));
        assertThat(rest.get("/api/v1/teams/" + team)
                        .body()
                        .path("reserved")
                        .path("cpu")
                        .asDouble())
                .isZero();
        assertThat(rest.post(BATCH, batch(three[0], three[1])).status()).isEqualTo(201);
    }

    @Test
    void namesThatAreTakenOrStandTwiceAreNamed() {
        assertThat(rest.launch("taken", Map.of()).status()).isEqualTo(201);
        Rest.Answer twice = rest.post(
                BATCH,
                batch(
                        Rest.service("once", Map.of()),
                        Rest.service("double", Map.of()),
                        Rest.service("double", Map.of())));
        assertThat(twice.status()).isEqualTo(400);
        assertThat(errors(twice))
                .containsExactly(Map.entry("workloads[2].name", "\"double\" is the name of workloads[1], too"));
        Rest.Answer taken = rest.post(
                BATCH,
                batch(Rest.service("once", Map.of()), Rest.service("new", Map.of()), Rest.service("taken", Map.of())));
        assertThat(taken.status()).isEqualTo(409);
        assertThat(errors(taken))
                .containsExactly(Map.entry("workloads[2].name", "\"taken\" is taken by another workload of this team"));
        assertThat(names()).doesNotContain("once", "double", "new");
    }

    @Test
    void oneChangeIsMadeForOneTeam() {
        team("others", Map.of());
        Rest.Answer refused = rest.post(
                BATCH, batch(Rest.service("here", Map.of()), Rest.service("there", Map.of("team", "others"))));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(errors(refused)).containsOnlyKeys("workloads[1].team");
        assertThat(rest.post(BATCH, Map.of("workloads", List.of()))
                        .body()
                        .path("field")
                        .asString())
                .isEqualTo("workloads");
        assertThat(rest.post(BATCH, Map.of()).body().path("field").asString()).isEqualTo("workloads");
    }

    @Test
    void thePlanFindsEachInTheOthersPlacesAndTheQuotaForTheSum() {
        team("plans", Map.of("replicas", 2));
        Map<String, Object> port = Map.of("team", "plans", "ports", List.of(Map.of("container", 80, "host", 18_999)));
        Rest.Answer plan = rest.post(
                BATCH + "/preview",
                batch(
                        Rest.service("first", port),
                        Rest.service("second", port),
                        Rest.service("third", Map.of("team", "plans"))));
        assertThat(plan.status()).as("%s", plan).isEqualTo(200);
        JsonNode body = plan.body();
        assertThat(body.path("refusal").asString())
                .isEqualTo("The quota of team plans leaves 2 replicas of 2 replicas, 3 replicas more asked for");
        assertThat(body.path("quota").path(0).path("more").asInt()).isEqualTo(3);
        JsonNode second = body.path("workloads").path(1).path("replicas").path(0);
        assertThat(second.path("node").isNull()).isTrue();
        assertThat(second.path("reason").asString()).contains("port 18999/tcp is taken by first");
        assertThat(body.path("workloads")
                        .path(2)
                        .path("replicas")
                        .path(0)
                        .path("node")
                        .isNull())
                .isFalse();
        assertThat(names()).doesNotContain("first", "second", "third");
    }
}
