package io.flotilla.controlplane.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.RunningControlPlane;
import io.flotilla.controlplane.fleet.Await;
import io.flotilla.controlplane.fleet.FakeAgent;
import io.flotilla.controlplane.fleet.Rest;
import io.flotilla.protocol.ControlMessage;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.registry.Login;
import io.flotilla.protocol.registry.Mirror;
import io.flotilla.protocol.registry.RegistryAccess;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** What is set for registries, and which node learns it. */
class RegistrySettingsTest {

    @RegisterExtension
    static final RunningControlPlane plane = new RunningControlPlane();

    private static final String PATH = "/api/v1/registry-logins";

    private static Rest rest;
    private static FakeAgent agent;
    private static UUID allocation;

    @BeforeAll
    static void launch() {
        String url = plane.settings().localUrl();
        rest = new Rest(url, plane.adminKey());
        agent = FakeAgent.join(rest, url, "puller", 4000, 1L << 30);
        String workload = rest.launch("pulls", Map.of()).body().path("id").asString();
        Await.until("it is placed", () -> !allocations(workload).isEmpty());
        allocation = UUID.fromString(allocations(workload).getFirst().path("id").asString());
    }

    private static List<JsonNode> allocations(String workload) {
        return rest.list("/api/v1/allocations?workload=" + workload);
    }

    @AfterAll
    static void leave() {
        agent.close();
    }

    private static RegistryAccess asked(long request, UUID by, String image) {
        agent.wantLogin(request, by, ImageName.parse(image));
        Await.until("the control plane answers", () -> agent.login(request).isPresent());
        ControlMessage.Login login = agent.login(request).orElseThrow();
        RegistryAccess access = Objects.requireNonNull(login.access());
        assertThat(login.user()).isEqualTo(access.login() instanceof Login.Basic basic ? basic.user() : null);
        return access;
    }

    @Test
    void aNodeLearnsALoginOnlyForTheImageOfAnAllocationThatItHas() {
        rest.put(PATH, Map.of("registry", "secret.example", "username", "u", "password", "p"));
        // No registry of that name answers here, so the revision is given its image afterwards.
        plane.bean(JdbcClient.class)
                .sql("UPDATE revisions SET spec = jsonb_set(spec, '{image}', '\"secret.example/app:1\"')")
                .update();

        assertThat(asked(1, allocation, "secret.example/app:1").login()).isEqualTo(new Login.Basic("u", "p"));
        assertThat(asked(2, allocation, "secret.example/other:1"))
                .as("another image of the same registry")
                .isEqualTo(RegistryAccess.anonymous());
        assertThat(asked(3, UUID.randomUUID(), "secret.example/app:1"))
                .as("an allocation that the node does not have")
                .isEqualTo(RegistryAccess.anonymous());
    }

    @Test
    void mirrorsComeWithWhatIsSetForTheirOwnHosts() {
        rest.put(PATH, Map.of("registry", "cache.example:5000", "username", "m", "password", "q", "insecure", true));
        Rest.Answer put = rest.put(
                PATH,
                Map.of(
                        "registry",
                        "far.example",
                        "username",
                        "u",
                        "password",
                        "p",
                        "mirrors",
                        List.of("cache.example:5000/hub", "other.example")));
        assertThat(put.status()).as("%s", put).isEqualTo(200);
        assertThat(put.body().toString()).doesNotContain("\"p\"").contains("cache.example:5000/hub");

        assertThat(plane.bean(RegistryLoginService.class).access(ImageName.parse("far.example/a:1")))
                .isEqualTo(new RegistryAccess(
                        null,
                        false,
                        new Login.Basic("u", "p"),
                        null,
                        List.of(
                                new Mirror("cache.example:5000/hub", true, null, new Login.Basic("m", "q")),
                                Mirror.of("other.example"))));
        assertThat(rest.list(PATH)).anyMatch(l -> l.path("mirrors").size() == 2);
    }

    @Test
    void whatCannotBeReadIsRefusedWithTheFieldsName() {
        for (Map<String, Object> bad : List.<Map<String, Object>>of(
                Map.of("field", "mirrors", "mirrors", List.of("https://cache.example")),
                Map.of("field", "authorities", "authorities", "no certificate at all"),
                Map.of(
                        "field",
                        "authorities",
                        "authorities",
                        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
                Map.of("field", "username", "username", "a:b", "password", "p"))) {
            Map<String, Object> body = new java.util.HashMap<>(bad);
            Object field = body.remove("field");
            body.put("registry", "bad.example");
            Rest.Answer answer = rest.put(PATH, body);
            assertThat(answer.status()).as("%s", answer).isEqualTo(400);
            assertThat(answer.body().path("field").asString()).isEqualTo(field);
        }
        assertThat(rest.list(PATH)).noneMatch(l -> l.path("registry").asString().equals("bad.example"));
    }
}
