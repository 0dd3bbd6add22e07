package io.flotilla.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * A real Debian image, made by debootstrap and buildah, pulled from a real registry on two hosts; one of them dies. The
 * number of live replicas is watched throughout.
 */
class RealInputTest {

    private static final Duration PULL = Duration.ofMinutes(4);
    private static final Duration FAILOVER = Duration.ofSeconds(60);

    private static Flotilla flotilla;
    private static SecondHost host;
    private static Registry registry;
    private static Api api;

    @BeforeAll
    static void makeTwoHostsAndAnImage() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "containers need root");
        registry = Registry.start();
        try (Images images = Images.open()) {
            images.debian(registry, "sea/debian:1");
        }
        host = SecondHost.boot();
        flotilla = Flotilla.up("--listen", host.gateway() + ":" + Flotilla.freePort());
        api = flotilla.admin();
        host.run("docker-registry", "serve", registry.config());
        host.join(flotilla.command("join-line").success());
    }

    @AfterAll
    static void leaveNothing() {
        if (flotilla != null) {
            flotilla.close();
        }
        if (host != null) {
            host.close();
        }
        if (registry != null) {
            registry.close();
        }
    }

    private static List<JsonNode> nodes() {
        return api.items("/api/v1/nodes");
    }

    private static List<JsonNode> live(String workload) {
        return api.items("/api/v1/allocations?workload=" + workload).stream()
                .filter(allocation -> allocation.get("status").asString().equals("running"))
                .filter(allocation -> !allocation.get("nodeLost").asBoolean())
                .toList();
    }

    @Test
    void twoReplicasOfARealImageOutliveTheLossOfAHost() throws Exception {
        Await.until(
                "both nodes to be online",
                Duration.ofSeconds(60),
                RealInputTest::nodes,
                all -> all.size() == 2
                        && all.stream()
                                .allMatch(node -> node.get("status").asString().equals("online")));

        String workload = api.post(
                        "/api/v1/workloads",
                        Map.of(
                                "name",
                                "debian",
                                "kind",
                                "service",
                                "image",
                                registry.name("sea/debian:1"),
                                "replicas",
                                2,
                                "resources",
                                Map.of("cpu", 0.1, "memory", "64Mi")))
                .expect(201)
                .get("id")
                .asString();
        List<JsonNode> replicas =
                Await.until("two replicas to run", PULL, () -> live(workload), running -> running.size() == 2);
        assertThat(replicas)
                .extracting(replica -> replica.get("node").asString())
                .doesNotHaveDuplicates();

        for (JsonNode replica : replicas) {
            String id = replica.get("id").asString();
            Await.until(
                    "the greeting",
                    Duration.ofSeconds(30),
                    () -> api.text("/api/v1/allocations/" + id + "/logs"),
                    lines -> lines.contains("ahoy from") && lines.contains("all-hands"));
            Command greeting = flotilla.command("exec", id, "/bin/cat", "/etc/debian_version");
            assertThat(greeting.success()).startsWith("12.");
        }

        host.die();
        List<JsonNode> after = Await.until(
                "a replacement",
                FAILOVER,
                () -> {
                    List<JsonNode> running = live(workload);
                    assertThat(running.size()).as("live replicas").isBetween(1, 2);
                    return running;
                },
                running -> running.size() == 2
                        && running.stream()
                                        .map(replica -> replica.get("node").asString())
                                        .distinct()
                                        .count()
                                == 1);
        assertThat(after).extracting(replica -> replica.get("id").asString()).contains(survivorOf(replicas, after));

        List<String> story = api.items("/api/v1/audit?limit=200").stream()
                .map(row -> row.get("action").asString())
                .toList();
        assertThat(story).contains("join-token.create", "node.enrol", "workload.create");
        assertThat(api.get("/api/v1/audit/verify").get("ok").asBoolean()).isTrue();
    }

    private static String survivorOf(List<JsonNode> before, List<JsonNode> after) {
        String node = after.getFirst().get("node").asString();
        return before.stream()
                .filter(replica -> replica.get("node").asString().equals(node))
                .findFirst()
                .orElseThrow()
                .get("id")
                .asString();
    }
}
