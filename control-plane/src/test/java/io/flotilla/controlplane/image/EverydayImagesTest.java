package io.flotilla.controlplane.image;

import static io.flotilla.controlplane.image.MadeArchive.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.controlplane.RunningControlPlane;
import io.flotilla.controlplane.fleet.Rest;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.registry.Descriptor;
import io.flotilla.protocol.registry.ImageConfig.History;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Images that the control plane keeps, as people work with them day by day. */
class EverydayImagesTest {

    @RegisterExtension
    static final RunningControlPlane plane = new RunningControlPlane();

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    private Rest rest;
    private Descriptor image;

    @BeforeEach
    void importOne() throws Exception {
        rest = new Rest(plane.settings().localUrl(), plane.adminKey());
        MadeArchive archive = new MadeArchive();
        image = archive.image(text("a layer"));
        assertThat(upload("?name=flotilla/made:1", archive.layout(image).bytes())
                        .statusCode())
                .isEqualTo(201);
    }

    @AfterEach
    void forget() {
        for (JsonNode each : rest.list("/api/v1/images")) {
            if (!each.path("bundled").asBoolean(false)) {
                rest.delete("/api/v1/images?name=" + each.path("name").asString());
            }
        }
    }

    private static HttpResponse<String> upload(String rest, byte[] archive) throws IOException, InterruptedException {
        return HTTP.send(
                request("/api/v1/images" + rest)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(archive))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(plane.settings().localUrl() + path))
                .header("Authorization", "Bearer " + plane.adminKey());
    }

    private static HttpResponse<byte[]> save(String... names) throws IOException, InterruptedException {
        return HTTP.send(
                request("/api/v1/images/archive?name=" + String.join("&name=", names))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private List<String> names() {
        return rest.list("/api/v1/images").stream()
                .map(i -> i.path("name").asString())
                .toList();
    }

    @Test
    void anImageIsShownWithItsLayersItsConfigAndTheWorkloadsThatRunIt() {
        assertThat(rest.launch("inspected", Map.of("image", "flotilla/made:1")).status())
                .isEqualTo(201);
        JsonNode shown =
                rest.get("/api/v1/images/inspect?image=flotilla/made:1").body();
        assertThat(shown.path("digest").asString()).isEqualTo(image.digest().value());
        JsonNode variant = shown.path("variants").path(0);
        assertThat(shown.path("variants")).hasSize(1);
        assertThat(variant.path("platform").asString()).isEqualTo("linux/amd64");
        assertThat(variant.path("layers").path(0).path("digest").asString())
                .isEqualTo(Digest.sha256(text("a layer")).value());
        assertThat(variant.path("layers").path(0).path("bytes").asLong()).isEqualTo(7);
        assertThat(shown.path("usedBy").path(0).path("name").asString()).isEqualTo("inspected");
        assertThat(rest.get("/api/v1/images/inspect?image=flotilla/sample")
                        .body()
                        .path("usedBy"))
                .isEmpty();

        Rest.Answer unknown = rest.get("/api/v1/images/inspect?image=flotilla/none");
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.body().path("field").asString()).isEqualTo("image");
    }

    @Test
    void aHistoryThatNamesFewerOrMoreLayersThanThereAreStillIsShown() {
        List<ImageInspection.Layer> layers = new ArrayList<>();
        for (String name : List.of("one", "two")) {
            layers.add(new ImageInspection.Layer(Digest.sha256(text(name)), Digest.sha256(text(name)), "layer", 1));
        }
        List<History> history = List.of(
                new History(null, "ADD one", null, false),
                new History(null, "ENV", null, true),
                new History(null, "ADD two", null, false),
                new History(null, "ADD three", null, false));
        assertThat(Inspector.history(history, layers))
                .extracting(ImageInspection.Step::layer)
                .containsExactly(layers.get(0), null, layers.get(1), null);
        assertThat(Inspector.history(List.of(), layers)).isEmpty();
    }

    @Test
    void aSecondNameKeepsAnImageWhenItsFirstOneIsForgotten() {
        Rest.Answer tagged =
                rest.post("/api/v1/images/tag", Map.of("source", "flotilla/made:1", "target", "flotilla/other:2"));
        assertThat(tagged.status()).as("%s", tagged).isEqualTo(200);
        assertThat(tagged.body().path("digest").asString())
                .isEqualTo(image.digest().value());
        rest.delete("/api/v1/images?name=flotilla/made:1");
        assertThat(names()).contains("flotilla/other:2").doesNotContain("flotilla/made:1");
        assertThat(rest.get("/api/v1/images/inspect?image=flotilla/other:2").status())
                .isEqualTo(200);
        assertThat(rest.list("/api/v1/audit").getFirst().toString()).contains("image.");

        String byDigest = "flotilla/other@" + image.digest();
        assertThat(rest.post("/api/v1/images/tag", Map.of("source", byDigest, "target", "flotilla/made:1"))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aNameThatCannotBeGivenIsRefusedWithItsField() {
        for (List<String> bad : List.of(
                List.of("source", "flotilla/none:1", "flotilla/x:1"),
                List.of("source", "debian:12", "flotilla/x:1"),
                List.of("source", "flotilla/made@" + Digest.sha256(text("a layer")), "flotilla/x:1"),
                List.of("name", "flotilla/made:1", "debian:12"),
                List.of("name", "flotilla/made:1", "flotilla/sample:latest"),
                List.of("target", "flotilla/made:1", "flotilla/UPPER"))) {
            Rest.Answer answer = rest.post("/api/v1/images/tag", Map.of("source", bad.get(1), "target", bad.get(2)));
            assertThat(answer.status()).as("%s %s", bad, answer).isEqualTo(400);
            assertThat(answer.body().path("field").asString()).isEqualTo(bad.getFirst());
        }
        assertThat(names()).containsExactlyInAnyOrder("flotilla/made:1", "flotilla/sample:latest");
    }

    @Test
    void whatIsSavedIsReadByOthersAndLoadedAgainUnderTheSameNames() throws Exception {
        rest.post("/api/v1/images/tag", Map.of("source", "flotilla/made:1", "target", "flotilla/other:2"));
        HttpResponse<byte[]> saved = save("flotilla/made:1", "flotilla/other:2", "flotilla/sample:latest");
        assertThat(saved.statusCode()).isEqualTo(200);
        assertThat(save("flotilla/made:1", "flotilla/other:2", "flotilla/sample:latest")
                        .body())
                .as("the same images give the same bytes")
                .isEqualTo(saved.body());
        Path file = Files.write(directory.resolve("saved.tar"), saved.body());
        readBySkopeo(file, "flotilla/sample:latest");

        byte[] two = save("flotilla/made:1", "flotilla/other:2").body();
        forget();
        HttpResponse<String> loaded = upload("/load", two);
        assertThat(loaded.statusCode()).as(loaded.body()).isEqualTo(201);
        assertThat(names()).contains("flotilla/made:1", "flotilla/other:2");
        assertThat(loaded.body()).contains(image.digest().value());
    }

    private void readBySkopeo(Path file, String name) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/skopeo")), "skopeo is not installed");
        for (String transport : List.of("oci-archive", "docker-archive")) {
            Process skopeo = new ProcessBuilder(
                            "skopeo",
                            "copy",
                            "--insecure-policy",
                            transport + ":" + file + ":" + name,
                            "dir:" + directory.resolve(transport))
                    .redirectErrorStream(true)
                    .start();
            String told = new String(skopeo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(skopeo.waitFor()).as(transport + ": " + told).isZero();
            assertThat(directory.resolve(transport).resolve("manifest.json")).exists();
        }
    }

    @Test
    void anArchiveWithAForeignNameOrNoneIsRefusedAsAWhole() throws Exception {
        MadeArchive foreign = new MadeArchive();
        Descriptor one = foreign.image(text("one"));
        foreign.layout(
                new Descriptor(
                        one.mediaType(),
                        one.digest(),
                        one.size(),
                        null,
                        Map.of("org.opencontainers.image.ref.name", "flotilla/good:1")),
                new Descriptor(
                        image.mediaType(),
                        image.digest(),
                        image.size(),
                        null,
                        Map.of("org.opencontainers.image.ref.name", "debian:12")));
        HttpResponse<String> refused = upload("/load", foreign.bytes());
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("\"field\":\"archive\"").contains("debian:12");
        assertThat(names()).doesNotContain("flotilla/good:1");

        MadeArchive nameless = new MadeArchive();
        HttpResponse<String> none =
                upload("/load", nameless.layout(nameless.image(text("two"))).bytes());
        assertThat(none.statusCode()).isEqualTo(400);
        assertThat(none.body()).contains("no names");
    }

    @Test
    void savingWhatIsNotKeptHereNamesIt() throws Exception {
        HttpResponse<byte[]> answer = save("flotilla/made:1", "flotilla/none:1");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("flotilla/none:1");
    }
}
