package io.flotilla.controlplane.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.RunningControlPlane;
import io.flotilla.controlplane.fleet.Await;
import io.flotilla.controlplane.fleet.FakeAgent;
import io.flotilla.controlplane.fleet.Rest;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.NodeImages;
import io.flotilla.protocol.NodeImages.Request;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the REST API asks of a node about its images, and what the audit log keeps of it. */
class NodeImagesTest {

    @RegisterExtension
    static final RunningControlPlane plane = new RunningControlPlane();

    private static Rest rest;
    private static FakeAgent agent;
    private static String path;

    @BeforeAll
    static void join() {
        String url = plane.settings().localUrl();
        rest = new Rest(url, plane.adminKey());
        agent = FakeAgent.join(rest, url, "keeper", 4000, 1L << 30);
        path = "/api/v1/nodes/" + agent.nodeId() + "/images";
        Await.until("it is there", () -> rest.get(path).status() == 200);
    }

    @AfterAll
    static void leave() {
        agent.close();
    }

    private static long audited(String action) {
        return rest.list("/api/v1/audit").stream()
                .filter(row -> row.path("action").asString().equals(action))
                .count();
    }

    @Test
    void tellsWhatTheNodeTells() {
        Rest.Answer answer = rest.get(path);
        assertThat(Codec.decode(answer.body().toString(), NodeImages.class)).isEqualTo(FakeAgent.IMAGES);
        assertThat(agent.imageRequests()).contains(new Request.Show());
    }

    @Test
    void aPreviewChangesNothingAndTheCleanUpIsAudited() {
        long before = audited("node.clean-images");
        rest.post(path + "/clean", Map.of("keepBytes", 1000, "preview", true));
        assertThat(agent.imageRequests()).last().isEqualTo(new Request.Clean(1000, true));
        assertThat(audited("node.clean-images")).isEqualTo(before);

        rest.post(path + "/clean", Map.of());
        assertThat(agent.imageRequests()).last().isEqualTo(new Request.Clean(0, false));
        assertThat(audited("node.clean-images")).isEqualTo(before + 1);
    }

    @Test
    void aLimitIsSetAndTakenAway() {
        rest.put(path + "/limit", Map.of("limitBytes", 20L << 30));
        assertThat(agent.imageRequests()).last().isEqualTo(new Request.Limit(20L << 30));
        rest.put(path + "/limit", Map.of());
        assertThat(agent.imageRequests()).last().isEqualTo(new Request.Limit(null));
        assertThat(audited("node.limit-images")).isEqualTo(2);

        Rest.Answer bad = rest.put(path + "/limit", Map.of("limitBytes", -1));
        assertThat(bad.status()).isEqualTo(400);
        assertThat(bad.body().path("field").asString()).isEqualTo("limitBytes");
    }

    @Test
    void aNodeThatIsAwayIsNamedAsSuchAndNothingIsAudited() {
        FakeAgent away = FakeAgent.join(rest, plane.settings().localUrl(), "away", 4000, 1L << 30);
        String its = "/api/v1/nodes/" + away.nodeId() + "/images";
        Await.until("it is there", () -> rest.get(its).status() == 200);
        away.close();
        Await.until("it has gone", () -> rest.get(its).status() == 503);
        long before = audited("node.clean-images");
        Rest.Answer answer = rest.post(its + "/clean", Map.of());
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.body().path("detail").asString()).contains("away");
        assertThat(audited("node.clean-images")).isEqualTo(before);
    }
}
