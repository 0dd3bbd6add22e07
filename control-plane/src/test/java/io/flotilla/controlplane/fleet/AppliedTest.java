package io.flotilla.controlplane.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.RestartableControlPlane;
import io.flotilla.protocol.Codec;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What is in force for a container, asked of its node. */
@Timeout(120)
class AppliedTest {

    @TempDir
    static Path data;

    private static RestartableControlPlane plane;
    private static Rest rest;
    private static FakeAgent agent;
    private static UUID allocation;

    @BeforeAll
    static void start() throws Exception {
        plane = new RestartableControlPlane(data).start();
        rest = new Rest(plane.url(), plane.adminKey());
        agent = FakeAgent.join(rest, plane.url(), "solo", 4000, 4L << 30);
        Rest.Answer made = rest.launch("web", Map.of());
        String of = "/api/v1/allocations?workload=" + made.body().path("id").asString();
        Await.until(
                "it runs",
                () -> rest.list(of).stream()
                        .anyMatch(each -> each.path("status").asString().equals("running")));
        allocation = UUID.fromString(rest.list(of).getFirst().path("id").asString());
    }

    @AfterAll
    static void stop() {
        agent.close();
        plane.close();
    }

    private static Rest.Answer applied() {
        return rest.get("/api/v1/allocations/" + allocation + "/applied");
    }

    @Test
    void theNodesOwnReadingIsAnsweredAsItCame() {
        Rest.Answer answer = applied();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(Codec.decode(Codec.encode(FakeAgent.APPLIED), JsonNode.class));
    }

    @Test
    void anUnknownAllocationIsNotFound() {
        assertThat(rest.get("/api/v1/allocations/" + UUID.randomUUID() + "/applied")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void aNodeThatIsAwayIsSaidToBeAway() {
        agent.silence();
        Await.until("the session is seen to end", () -> applied().status() == 503);
        assertThat(applied().body().path("detail").asString()).contains("the node is away");
        agent.connect();
        Await.until("it answers again", () -> applied().status() == 200);
    }
}
