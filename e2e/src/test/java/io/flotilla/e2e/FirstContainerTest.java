package io.flotilla.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The main job: the first container, from the API to the kernel and back, on one host. */
class FirstContainerTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    private static Flotilla flotilla;

    private static Api api;

    @BeforeAll
    static void startAsAUserWould() {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "containers need root");
        flotilla = Flotilla.up();
        api = flotilla.admin();
    }

    @AfterAll
    static void stopAndFindNothingLeft() {
        if (flotilla != null) {
            flotilla.close();
        }
    }

    private static String launch(String name, int hostPort) {
        return api.post(
                        "/api/v1/workloads",
                        Map.of(
                                "name",
                                name,
                                "kind",
                                "service",
                                "image",
                                "flotilla/sample:latest",
                                "resources",
                                Map.of("cpu", 0.25, "memory", "64Mi"),
                                "ports",
                                List.of(Map.of("container", 8080, "host", hostPort, "protocol", "tcp"))))
                .expect(201)
                .get("id")
                .asString();
    }

    private static JsonNode running(String workload) {
        return Await.until(
                "workload " + workload + " to run",
                SOON,
                () -> api.items("/api/v1/allocations?workload=" + workload).getFirst(),
                allocation -> allocation.get("status").asString().equals("running"));
    }

    private static List<String> auditActions() {
        return api.items("/api/v1/audit?limit=200").stream()
                .map(row -> row.get("action").asString())
                .toList();
    }

    @Test
    void runsTheBundledSampleAndTellsItsStory() throws Exception {
        int port = Flotilla.freePort();
        String workload = launch("hello", port);
        JsonNode allocation = running(workload);
        assertThat(allocation.get("attempt").asInt()).isEqualTo(1);
        assertThat(allocation.get("exitCode").isNull()).isTrue();

        String page = Await.until(
                "the published port", SOON, () -> Api.open("http://127.0.0.1:" + port + "/json"), body -> true);
        assertThat(page).contains("64.0 MiB");

        String id = allocation.get("id").asString();
        Await.until(
                "log lines",
                SOON,
                () -> api.text("/api/v1/allocations/" + id + "/logs"),
                lines -> lines.contains("\"stdout\""));

        api.delete("/api/v1/workloads/" + workload);
        Await.until(
                "the container to be gone",
                SOON,
                () -> api.items("/api/v1/allocations?workload=" + workload).isEmpty());
        assertThat(auditActions()).contains("workload.create", "workload.delete");
        assertThat(api.get("/api/v1/audit/verify").get("ok").asBoolean()).isTrue();
    }

    @Test
    void aKilledAgentFindsItsContainersAgain() throws Exception {
        int port = Flotilla.freePort();
        String workload = launch("survivor", port);
        String allocation = running(workload).get("id").asString();
        String before = Await.until(
                "the published port", SOON, () -> Api.open("http://127.0.0.1:" + port + "/json"), body -> true);

        List<Long> agents = flotilla.agents();
        assertThat(agents).isNotEmpty();
        for (long agent : agents) {
            ProcessHandle.of(agent).ifPresent(ProcessHandle::destroyForcibly);
        }
        assertThat(Api.open("http://127.0.0.1:" + port + "/json"))
                .isNotEqualTo(before)
                .isNotEmpty();

        Await.until("a new agent", SOON, flotilla::agents, now -> !now.isEmpty() && !now.equals(agents));
        JsonNode adopted = running(workload);
        assertThat(adopted.get("id").asString()).isEqualTo(allocation);
        assertThat(adopted.get("attempt").asInt()).isEqualTo(1);

        api.post("/api/v1/workloads/" + workload + "/stop", Map.of()).expect(200);
        JsonNode stopped = Await.until(
                "the adopted container to stop",
                SOON,
                () -> api.get("/api/v1/allocations/" + allocation),
                now -> now.get("status").asString().equals("stopped"));
        assertThat(stopped.get("exitCode").asInt()).isZero();
        api.delete("/api/v1/workloads/" + workload);
    }

    @Test
    void theControlPlaneAndTheAgentComeBackWhenBothAreKilledTogether() throws IOException {
        Path file = flotilla.data().resolve("control-plane/pid");
        String before = Files.readString(file);
        List<Long> agents = flotilla.agents();
        agents.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        ProcessHandle.of(Long.parseLong(before.strip())).ifPresent(ProcessHandle::destroyForcibly);

        Await.until("another control plane", SOON, () -> Files.readString(file), now -> !now.equals(before));
        Await.until("another agent", SOON, flotilla::agents, now -> !now.isEmpty() && !now.equals(agents));
        Await.until(
                "the node to be online",
                SOON,
                () -> {
                    try {
                        return api.items("/api/v1/nodes")
                                .getFirst()
                                .get("status")
                                .asString();
                    } catch (AssertionError refused) {
                        return refused.getMessage(); // its process is there before its port
                    }
                },
                "online"::equals);
    }

    @Test
    void containersOutliveEverythingButTheirShims() throws Exception {
        int port = Flotilla.freePort();
        String workload = launch("outliver", port);
        String allocation = running(workload).get("id").asString();

        flotilla.interrupt();
        assertThat(Api.open("http://127.0.0.1:" + port + "/healthz")).isNotEmpty();
        flotilla.again();

        JsonNode adopted = running(workload);
        assertThat(adopted.get("id").asString()).isEqualTo(allocation);
        assertThat(adopted.get("attempt").asInt()).isEqualTo(1);
        api.delete("/api/v1/workloads/" + workload);
    }

    @Test
    void aContainersExitCodeIsReportedOnce() {
        String workload = api.post(
                        "/api/v1/workloads",
                        Map.of(
                                "name", "not-there",
                                "kind", "job",
                                "image", "flotilla/sample:latest",
                                "restart", "never",
                                "command", List.of("/no/such/program")))
                .expect(201)
                .get("id")
                .asString();
        JsonNode failed = Await.until(
                "the job to fail",
                SOON,
                () -> api.items("/api/v1/allocations?workload=" + workload).getFirst(),
                allocation -> allocation.get("status").asString().equals("failed"));
        assertThat(failed.get("exitCode").asInt()).isEqualTo(127);
        assertThat(failed.get("reason").asString()).contains("/no/such/program");
        api.delete("/api/v1/workloads/" + workload);
    }

    @Test
    void anExportOfTheAuditLogIsVerifiedWithoutTheControlPlane() throws IOException {
        Path export = Files.createTempFile("flotilla-e2e-", ".jsonl");
        String lines = api.text("/api/v1/audit/export");
        Files.writeString(export, lines);
        assertThat(flotilla.command("audit", "verify", export.toString()).success())
                .startsWith("ok: ");

        Files.writeString(export, lines.replaceFirst("local-root", "local-boot"));
        Command tampered = flotilla.command("audit", "verify", export.toString());
        assertThat(tampered.status()).isEqualTo(1);
        assertThat(tampered.output()).contains("NOT ok: ");
        Files.delete(export);
    }

    @Test
    void nobodyElseCanLookIntoItsDirectories() throws IOException {
        for (String name : List.of("control-plane", "agent")) {
            Path directory = flotilla.data().resolve(name);
            assertThat(Files.getPosixFilePermissions(directory))
                    .as(directory.toString())
                    .doesNotContain(PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE);
        }
    }
}
