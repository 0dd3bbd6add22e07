package io.flotilla.controlplane.image;

import static io.flotilla.controlplane.image.MadeArchive.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.RunningControlPlane;
import io.flotilla.controlplane.fleet.Await;
import io.flotilla.controlplane.fleet.FakeAgent;
import io.flotilla.controlplane.fleet.Rest;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.registry.Descriptor;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What nodes read by the distribution API, and that nobody else does (OCI distribution specification, Pull). */
class DistributionTest {

    @RegisterExtension
    static final RunningControlPlane plane = new RunningControlPlane();

    private static final byte[] LAYER = text("0123456789".repeat(1000));

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static FakeAgent agent;
    private static Descriptor image;

    @BeforeAll
    static void joinAndImport() throws Exception {
        String url = plane.settings().localUrl();
        agent = FakeAgent.join(new Rest(url, plane.adminKey()), url, "reader", 4000, 1L << 30);
        Await.until("it has its token", () -> agent.registryToken() != null);
        MadeArchive archive = new MadeArchive();
        image = archive.image(LAYER);
        HttpResponse<String> answer = HTTP.send(
                HttpRequest.newBuilder(URI.create(url + "/api/v1/images?name=flotilla/made:1"))
                        .header("Authorization", "Bearer " + plane.adminKey())
                        .POST(HttpRequest.BodyPublishers.ofByteArray(
                                archive.layout(image).bytes()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    @AfterAll
    static void leave() {
        agent.close();
        HTTP.close();
    }

    private static HttpResponse<byte[]> ask(String method, String path, @Nullable String token, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(plane.settings().localUrl() + "/v2/" + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static HttpResponse<byte[]> get(String path, String... headers) throws IOException, InterruptedException {
        return ask("GET", path, agent.registryToken(), headers);
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static String blob(byte[] content) {
        return "flotilla/made/blobs/" + Digest.sha256(content);
    }

    @Test
    void answersTheCheckOfTheVersion() throws Exception {
        assertThat(get("").statusCode()).isEqualTo(200);
    }

    @Test
    void servesManifestsByTagAndDigestAsWhatTheyAre() throws Exception {
        for (String reference : List.of("1", image.digest().value())) {
            HttpResponse<byte[]> answer = get("flotilla/made/manifests/" + reference);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(header(answer, "Content-Type")).isEqualTo(image.mediaType());
            assertThat(header(answer, "Docker-Content-Digest"))
                    .isEqualTo(image.digest().value());
            assertThat(Digest.sha256(answer.body())).isEqualTo(image.digest());
        }
    }

    @Test
    void servesBlobsWholeAndInParts() throws Exception {
        assertThat(get(blob(LAYER)).body()).isEqualTo(LAYER);
        HttpResponse<byte[]> rest = get(blob(LAYER), "Range", "bytes=9995-");
        assertThat(rest.statusCode()).isEqualTo(206);
        assertThat(rest.body()).isEqualTo(text("56789"));
        assertThat(header(rest, "Content-Range")).isEqualTo("bytes 9995-9999/10000");
        assertThat(get(blob(LAYER), "Range", "bytes=10000-").statusCode()).isEqualTo(416);
    }

    @Test
    void headSaysTheLengthAndSendsNothing() throws Exception {
        for (String path : List.of(blob(LAYER), "flotilla/made/manifests/1")) {
            HttpResponse<byte[]> answer = ask("HEAD", path, agent.registryToken());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEmpty();
            assertThat(header(answer, "Content-Length"))
                    .isEqualTo(Long.toString(path.contains("blobs") ? LAYER.length : image.size()));
            assertThat(header(answer, "Docker-Content-Digest")).startsWith("sha256:");
        }
        assertThat(ask("HEAD", "flotilla/made/manifests/2", agent.registryToken())
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void saysWhatIsUnknownInTheSpecificationsWords() throws Exception {
        String nobodys = Digest.sha256(text("nobody's")).value();
        assertUnknown("MANIFEST_UNKNOWN", "flotilla/made/manifests/2");
        assertUnknown("MANIFEST_UNKNOWN", "flotilla/other/manifests/1");
        assertUnknown("MANIFEST_UNKNOWN", "flotilla/made/manifests/" + nobodys);
        assertUnknown("MANIFEST_UNKNOWN", "flotilla/made/manifests/sha256:xyz");
        assertUnknown("BLOB_UNKNOWN", "flotilla/made/blobs/" + nobodys);
        assertUnknown("BLOB_UNKNOWN", "flotilla/made/blobs/latest");
        assertUnknown("BLOB_UNKNOWN", "flotilla/made/blobs/sha256:..%2F..%2Fadmin.key");
        assertUnknown("UNSUPPORTED", "flotilla/made/tags/list");
        // A layer is no manifest: whoever asks for it as one must not be made to read it as one.
        assertUnknown("MANIFEST_UNKNOWN", "flotilla/made/manifests/" + Digest.sha256(LAYER));
    }

    private static void assertUnknown(String code, String path) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = get(path);
        assertThat(answer.statusCode()).as(path).isEqualTo(404);
        assertThat(header(answer, "Content-Type")).as(path).startsWith("application/json");
        assertThat(new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8))
                .as(path)
                .contains("{\"errors\":[{")
                .contains("\"code\":\"" + code + "\"");
    }

    @Test
    void nobodyReadsWithoutTheTokenOfASession() throws Exception {
        for (String token : new String[] {null, "flreg_forged", plane.adminKey(), ""}) {
            for (String path : List.of("", "flotilla/made/manifests/1", blob(LAYER), "nothing")) {
                HttpResponse<byte[]> answer = ask("GET", path, token);
                assertThat(answer.statusCode()).as("%s with %s", path, token).isEqualTo(401);
                assertThat(header(answer, "WWW-Authenticate")).startsWith("Bearer");
            }
        }
    }

    @Test
    void aTokenOpensNothingButThisAndChangesNothing() throws Exception {
        assertThat(plane.ask(String.valueOf(agent.registryToken()), "GET", "/api/v1/images", null)
                        .status())
                .isEqualTo(401);
        for (String method : List.of("POST", "PUT", "PATCH", "DELETE")) {
            for (String path : List.of("flotilla/made/blobs/uploads/", "flotilla/made/manifests/1", blob(LAYER))) {
                assertThat(ask(method, path, agent.registryToken()).statusCode())
                        .as("%s %s", method, path)
                        .isIn(401, 404, 405);
            }
        }
        assertThat(get("flotilla/made/manifests/1").statusCode()).isEqualTo(200);
    }

    @Test
    void aTokenEndsWithItsSession() throws Exception {
        String url = plane.settings().localUrl();
        FakeAgent guest = FakeAgent.join(new Rest(url, plane.adminKey()), url, "guest", 4000, 1L << 30);
        Await.until("it has its token", () -> guest.registryToken() != null);
        String token = guest.registryToken();
        assertThat(ask("GET", blob(LAYER), token).statusCode()).isEqualTo(200);
        guest.close();
        Await.until("its session is over", () -> {
            try {
                return ask("GET", blob(LAYER), token).statusCode() == 401;
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
