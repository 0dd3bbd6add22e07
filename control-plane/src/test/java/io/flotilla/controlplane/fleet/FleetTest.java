package io.flotilla.controlplane.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.RestartableControlPlane;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A whole control plane with its database, and agents that speak the real protocol to it. */
class FleetTest {

    private static final long GIB = 1L << 30;

    @TempDir
    static Path data;

    private static RestartableControlPlane plane;
    private static Rest rest;

    private final List<FakeAgent> agents = new ArrayList<>();
    private final List<String> workloads = new ArrayList<>();

    @BeforeAll
    static void startControlPlane() throws IOException {
        plane = new RestartableControlPlane(data).start();
        rest = new Rest(plane.url(), plane.adminKey());
    }

    @AfterAll
    static void stopControlPlane() {
        plane.close();
    }

    @AfterEach
    void cleanUp() {
        agents.forEach(agent -> agent.calm());
        workloads.forEach(id -> rest.delete("/api/v1/workloads/" + id));
        agents.forEach(agent -> {
            rest.post("/api/v1/nodes/" + agent.nodeId() + "/confirm-dead", Map.of());
            rest.delete("/api/v1/nodes/" + agent.nodeId());
            agent.close();
        });
    }

    private FakeAgent agent(String name) {
        FakeAgent agent = FakeAgent.join(rest, plane.url(), name, 4000, 8 * GIB);
        agents.add(agent);
        Await.until(name + " is online", () -> status(agent).equals("online"));
        return agent;
    }

    private static String status(FakeAgent agent) {
        return rest.get("/api/v1/nodes/" + agent.nodeId()).body().path("status").asString();
    }

    private String launch(String name, Map<String, Object> more) {
        Rest.Answer answer = rest.launch(name, more);
        assertThat(answer.status()).as("%s", answer).isEqualTo(201);
        String id = answer.body().path("id").asString();
        workloads.add(id);
        return id;
    }

    private static List<JsonNode> allocations(String workload) {
        return rest.list("/api/v1/allocations?workload=" + workload);
    }

    private static long reported(String workload, String status) {
        return allocations(workload).stream()
                .filter(each -> each.path("status").asString().equals(status))
                .count();
    }

    private long alive(String workload) {
        List<UUID> ids = allocations(workload).stream()
                .map(each -> UUID.fromString(each.path("id").asString()))
                .toList();
        return agents.stream()
                .flatMap(agent -> agent.running().stream())
                .filter(ids::contains)
                .count();
    }

    private static void awaitRunning(String workload, int count) {
        Await.until(count + " run", () -> reported(workload, "running") == count, () -> allocations(workload));
    }

    @Test
    void launchesScalesRestartsStopsAndDeletes() {
        FakeAgent one = agent("one");
        FakeAgent two = agent("two");
        String web = launch("web", Map.of("replicas", 2));
        awaitRunning(web, 2);
        assertThat(one.running()).hasSize(1);
        assertThat(two.running()).hasSize(1);
        rest.post("/api/v1/workloads/" + web + "/scale", Map.of("replicas", 3));
        awaitRunning(web, 3);
        rest.post("/api/v1/workloads/" + web + "/restart", Map.of());
        Await.until("all are restarted", () -> one.starts() + two.starts() == 6);
        rest.post("/api/v1/workloads/" + web + "/stop", Map.of());
        Await.until("nothing runs", () -> alive(web) == 0);
        rest.post("/api/v1/workloads/" + web + "/start", Map.of());
        awaitRunning(web, 3);
        rest.delete("/api/v1/workloads/" + web);
        Await.until(
                "everything is gone",
                () -> one.present().isEmpty()
                        && two.present().isEmpty()
                        && rest.get("/api/v1/workloads/" + web).status() == 404);
    }

    @Test
    void fiftyParallelLaunchesWithRoomForTenGiveExactlyTen() throws Exception {
        agent("ten");
        String team = rest.post("/api/v1/teams", Map.of("name", "tens", "quota", Map.of("replicas", 10)))
                .body()
                .path("id")
                .asString();
        assertThat(team).isNotEmpty();
        List<Callable<Rest.Answer>> launches = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            String name = "many-" + i;
            launches.add(() -> rest.launch(name, Map.of("team", "tens")));
        }
        List<Rest.Answer> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Rest.Answer> each : threads.invokeAll(launches)) {
                answers.add(each.get());
            }
        }
        answers.stream()
                .filter(each -> each.status() == 201)
                .forEach(each -> workloads.add(each.body().path("id").asString()));
        assertThat(answers).filteredOn(each -> each.status() == 201).hasSize(10);
        assertThat(answers)
                .filteredOn(each -> each.status() == 422)
                .hasSize(40)
                .allSatisfy(each -> assertThat(each.body().path("detail").asString())
                        .isEqualTo(
                                "The quota of team tens leaves 0 replicas of 10 replicas, 1 replica more asked for"));
        assertThat(rest.get("/api/v1/audit/verify").body().path("ok").asBoolean())
                .isTrue();
    }

    @Test
    void nodeIsNeverOverbookedByParallelLaunches() throws Exception {
        agent("small");
        List<Callable<Rest.Answer>> launches = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            String name = "big-" + i;
            launches.add(() -> rest.launch(name, Map.of("resources", Map.of("cpu", 0.4, "memory", "16Mi"))));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Rest.Answer> each : threads.invokeAll(launches)) {
                assertThat(each.get().status()).isEqualTo(201);
                workloads.add(each.get().body().path("id").asString());
            }
        }
        Await.until(
                "ten run",
                () -> workloads.stream()
                                .mapToLong(id -> reported(id, "running"))
                                .sum()
                        == 10);
        assertThat(workloads.stream().mapToLong(id -> reported(id, "pending")).sum())
                .isEqualTo(20);
    }

    @Test
    void lostDoubledAndSwappedMessagesConverge() {
        FakeAgent one = agent("noisy");
        one.disturb(42);
        String web = launch("noise", Map.of("replicas", 1));
        for (int replicas : new int[] {5, 2, 8, 1, 6}) {
            rest.post("/api/v1/workloads/" + web + "/scale", Map.of("replicas", replicas));
            Await.until("some are reported", () -> reported(web, "running") > 0);
        }
        Await.until("six run in truth", () -> alive(web) == 6, () -> allocations(web));
        Await.until("six are known to run", () -> reported(web, "running") == 6, () -> allocations(web));
        one.calm();
        rest.delete("/api/v1/workloads/" + web);
        Await.until("nothing is left", () -> one.present().isEmpty());
    }

    @Test
    void lostNodeIsReplacedAndNeverLessRunsThanBefore() {
        FakeAgent one = agent("first");
        agent("second");
        agent("third");
        String web = launch("ha", Map.of("replicas", 3));
        awaitRunning(web, 3);
        one.silence();
        Await.until("it is lost", () -> {
            assertThat(alive(web)).isGreaterThanOrEqualTo(3);
            return status(one).equals("lost");
        });
        Await.until(
                "its successor runs",
                () -> {
                    assertThat(alive(web)).isGreaterThanOrEqualTo(3);
                    return alive(web) == 4 && reported(web, "lost") == 1;
                },
                () -> allocations(web));
        one.connect();
        Await.until(
                "the replaced one is stopped",
                () -> {
                    assertThat(alive(web)).isGreaterThanOrEqualTo(3);
                    return alive(web) == 3
                            && one.running().isEmpty()
                            && status(one).equals("online");
                },
                () -> allocations(web));
        List<JsonNode> audit = rest.list("/api/v1/audit?limit=200");
        assertThat(audit)
                .extracting(each -> each.path("action").asString())
                .contains("node.lost", "node.back", "workload.place");
    }

    @Test
    void replicaOnALostNodeIsNotCountedAsRunning() {
        List<FakeAgent> three = List.of(agent("keel"), agent("mast"), agent("sail"));
        String only = launch("only", Map.of("replicas", 1, "singleton", true));
        awaitRunning(only, 1);
        assertThat(rest.get("/api/v1/workloads/" + only).body().path("running").asInt())
                .isOne();
        FakeAgent holder = three.stream()
                .filter(agent -> !agent.running().isEmpty())
                .findFirst()
                .orElseThrow();
        holder.silence();
        Await.until("it is lost", () -> status(holder).equals("lost"));
        JsonNode workload = rest.get("/api/v1/workloads/" + only).body();
        assertThat(workload.path("running").asInt()).isZero();
        assertThat(workload.path("status").asString()).isNotEqualTo("running");
        assertThat(allocations(only)).singleElement().satisfies(each -> {
            assertThat(each.path("status").asString()).isEqualTo("running");
            assertThat(each.path("nodeLost").asBoolean()).isTrue();
        });
        Await.until(
                "it says why",
                () -> rest.get("/api/v1/workloads/" + only)
                        .body()
                        .path("reason")
                        .asString()
                        .contains("is lost. A singleton is replaced only when"));
    }

    @Test
    void changeIsPlannedWithoutCountingTheWorkloadTwice() {
        agent("drydock");
        String web = launch("refit", Map.of("replicas", 2));
        awaitRunning(web, 2);
        Map<String, Object> body =
                Map.of("name", "refit", "kind", "service", "image", "flotilla/sample", "replicas", 3);
        assertThat(rest.post("/api/v1/workloads/preview?of=" + web, body)
                        .body()
                        .path("refusal")
                        .isNull())
                .isTrue();
        assertThat(rest.post("/api/v1/workloads/preview", body)
                        .body()
                        .path("refusal")
                        .asString())
                .isEqualTo("The name \"refit\" is taken by another workload of this team");
    }

    @Test
    void deletesWhileTheNodeIsAway() {
        FakeAgent one = agent("away");
        String web = launch("gone", Map.of());
        awaitRunning(web, 1);
        one.silence();
        assertThat(rest.delete("/api/v1/workloads/" + web).status()).isEqualTo(204);
        assertThat(rest.launch("gone", Map.of()).status()).isEqualTo(201);
        workloads.add(rest.list("/api/v1/workloads").getLast().path("id").asString());
        assertThat(one.running()).hasSize(1);
        one.connect();
        Await.until(
                "the first is gone", () -> rest.get("/api/v1/workloads/" + web).status() == 404);
    }

    @Test
    void restartOfTheControlPlaneTouchesNoContainer() {
        FakeAgent one = agent("steady");
        String web = launch("steady", Map.of("replicas", 3));
        awaitRunning(web, 3);
        long starts = one.starts();
        plane.stop();
        assertThat(one.running()).hasSize(3);
        plane.start();
        Await.until("the node is back", () -> status(one).equals("online"));
        rest.post("/api/v1/workloads/" + web + "/scale", Map.of("replicas", 4));
        awaitRunning(web, 4);
        assertThat(one.starts()).isEqualTo(starts + 1);
    }

    @Test
    void stuckReaderOfLogsStallsNobody() throws Exception {
        FakeAgent one = agent("chatty");
        String web = launch("chatty", Map.of());
        awaitRunning(web, 1);
        String allocation = allocations(web).getFirst().path("id").asString();
        try (StuckReader reader = new StuckReader(plane.url(), plane.adminKey())) {
            reader.open("/api/v1/allocations/" + allocation + "/logs?follow=true");
            String other = launch("other", Map.of());
            awaitRunning(other, 1);
            assertThat(status(one)).isEqualTo("online");
        }
    }

    @Test
    void joinTokenWorksOnce() {
        Rest.Answer issued = rest.post("/api/v1/join-tokens", Map.of("ttlMinutes", 5));
        assertThat(issued.status()).isEqualTo(201);
        assertThat(rest.post("/api/v1/join-tokens", Map.of("ttlMinutes", 61)).status())
                .isEqualTo(400);
        Rest.Answer forged = rest.post(
                "/agent/v1/enroll",
                Map.of(
                        "token", "fljoin_forged",
                        "publicKey", java.util.Base64.getEncoder().encodeToString(new byte[32]),
                        "nonce", java.util.Base64.getEncoder().encodeToString(new byte[32]),
                        "facts",
                                Map.of(
                                        "hostName",
                                        "x",
                                        "os",
                                        "",
                                        "kernel",
                                        "",
                                        "arch",
                                        "amd64",
                                        "cgroups",
                                        "v2",
                                        "cpuMillis",
                                        1,
                                        "memoryBytes",
                                        1,
                                        "bootId",
                                        "",
                                        "agentVersion",
                                        "",
                                        "addresses",
                                        List.of())));
        assertThat(forged.status()).as("%s", forged).isIn(400, 401);
    }
}
