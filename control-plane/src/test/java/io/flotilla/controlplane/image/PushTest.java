package io.flotilla.controlplane.image;

import static io.flotilla.controlplane.image.MadeArchive.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.controlplane.RunningControlPlane;
import io.flotilla.controlplane.fleet.Await;
import io.flotilla.controlplane.fleet.Rest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.registry.Descriptor;
import io.flotilla.protocol.registry.Manifest;
import io.flotilla.protocol.registry.RegistryAccess;
import io.flotilla.protocol.registry.RegistryClient;
import io.flotilla.protocol.registry.RemoteRepository;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Images that the control plane keeps, pushed to the distribution project's registry as Debian packages it. */
class PushTest {

    @RegisterExtension
    static final RunningControlPlane plane = new RunningControlPlane();

    @TempDir
    private static Path directory;

    private static Process registry;
    private static int port;
    private static Rest rest;
    private static Descriptor image;

    @BeforeAll
    static void serve() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/docker-registry")), "docker-registry is not installed");
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Path config = Files.writeString(
                directory.resolve("registry.yml"), """
                version: 0.1
                log:
                  level: error
                storage:
                  filesystem:
                    rootdirectory: %s
                http:
                  addr: 127.0.0.1:%d
                """.formatted(directory.resolve("registry"), port));
        registry = new ProcessBuilder("docker-registry", "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("registry.log").toFile())
                .start();
        Await.until("the registry answers", PushTest::answers);
        rest = new Rest(plane.settings().localUrl(), plane.adminKey());
        MadeArchive archive = new MadeArchive();
        image = archive.image(text("a layer"));
        try (HttpClient http = HttpClient.newHttpClient()) {
            http.send(
                    HttpRequest.newBuilder(
                                    URI.create(plane.settings().localUrl() + "/api/v1/images?name=flotilla/made:1"))
                            .header("Authorization", "Bearer " + plane.adminKey())
                            .POST(HttpRequest.BodyPublishers.ofByteArray(
                                    archive.layout(image).bytes()))
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        }
    }

    private static boolean answers() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @AfterAll
    static void end() throws InterruptedException {
        if (registry != null) {
            registry.destroy();
            registry.waitFor();
        }
    }

    private static Rest.Answer push(String name, String target) {
        return rest.post("/api/v1/images/push", Map.of("name", name, "target", target));
    }

    private static String target(String rest) {
        return "127.0.0.1:" + port + "/" + rest;
    }

    @Test
    void sendsAnImageOnceAndHasTheRegistryTakeItIntoItsOtherRepositories() throws IOException {
        JsonNode first = push("flotilla/made:1", target("one/app:1")).body();
        assertThat(first.path("uploaded").asInt(-1)).as("%s", first).isEqualTo(2);
        JsonNode again = push("flotilla/made:1", target("one/app:2")).body();
        assertThat(again.path("present").asInt(-1)).as("%s", again).isEqualTo(2);
        assertThat(again.path("sentBytes").asInt(-1)).isZero();
        JsonNode other = push("flotilla/made:1", target("two/app:1")).body();
        assertThat(other.path("mounted").asInt(-1)).as("%s", other).isEqualTo(2);

        try (RegistryClient client = new RegistryClient()) {
            for (String name : new String[] {"one/app:1", "one/app:2", "two/app:1"}) {
                RemoteRepository repository = client.open(ImageName.parse(target(name)), RegistryAccess.anonymous());
                RemoteRepository.Fetched found = repository.resolve();
                assertThat(found.descriptor().digest()).isEqualTo(image.digest());
                Manifest manifest = (Manifest) found.document();
                try (InputStream layer = repository.blob(manifest.layers().getFirst(), "layer 1")) {
                    assertThat(layer.readAllBytes()).isEqualTo(text("a layer"));
                }
            }
        }
        assertThat(rest.list("/api/v1/audit").stream()
                        .filter(row -> row.path("action").asString().equals("image.push")
                                && row.path("target").toString().contains("/app:")))
                .hasSize(3);
    }

    @Test
    void whatCannotBePushedIsRefusedWithItsField() {
        for (String[] bad : new String[][] {
            {"name", "flotilla/none:1", target("a:1")},
            {"name", "debian:12", target("a:1")},
            {"target", "flotilla/made:1", "flotilla/other:1"},
            {"target", "flotilla/made:1", target("a@" + image.digest())}
        }) {
            Rest.Answer answer = push(bad[1], bad[2]);
            assertThat(answer.status()).as("%s", answer).isEqualTo(400);
            assertThat(answer.body().path("field").asString()).isEqualTo(bad[0]);
        }
        Rest.Answer away = push("flotilla/made:1", "127.0.0.1:1/a:1");
        assertThat(away.status()).isEqualTo(503);
        assertThat(away.body().path("field").asString()).isEqualTo("target");
    }
}
