package io.flotilla.protocol.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.registry.RepositoryWriter.Placed;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is sent to a registry when an image is pushed, to whom, and what is not sent. */
class RepositoryWriterTest {

    private static final byte[] CONTENT = "a layer".repeat(1000).getBytes(UTF_8);
    private static final Descriptor BLOB = new Descriptor(MediaTypes.LAYER, Digest.sha256(CONTENT), CONTENT.length);

    @TempDir
    private Path directory;

    private final Map<String, byte[]> received = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private FakeRegistry registry;
    private FakeRegistry storage;
    private RegistryClient client;
    private Path file;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
        storage = new FakeRegistry();
        client = new RegistryClient(
                new Timeouts(
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(1),
                        Duration.ofMillis(1),
                        Duration.ofSeconds(1)),
                null);
        file = Files.write(directory.resolve("blob"), CONTENT);
        registry.answers.put("/v2/a/blobs/" + BLOB.digest(), e -> status(e, 404, null));
        registry.answers.put("/v2/a/blobs/uploads/", e -> status(e, 202, "/v2/a/blobs/uploads/1?state=x"));
        registry.answers.put("/v2/a/blobs/uploads/1", this::take);
        registry.answers.put("/v2/a/manifests/t", this::take);
    }

    @AfterEach
    void stop() {
        client.close();
        registry.close();
        storage.close();
    }

    private void status(HttpExchange e, int status, @Nullable String location) throws IOException {
        asked.add(e.getRequestMethod() + " " + e.getRequestURI());
        if (location != null) {
            e.getResponseHeaders().set("Location", location);
        }
        e.sendResponseHeaders(status, -1);
    }

    private void take(HttpExchange e) throws IOException {
        received.put(e.getRequestURI().toString(), e.getRequestBody().readAllBytes());
        status(e, 201, null);
    }

    private RepositoryWriter open(Login login, String... readable) throws IOException {
        URI endpoint = URI.create("http://" + registry.authority());
        return client.openToWrite(registry.image("a:t"), new RegistryAccess(endpoint, false, login), List.of(readable));
    }

    private String upload() {
        return "/v2/a/blobs/uploads/1?state=x&digest=sha256%3A" + BLOB.digest().hex();
    }

    @Test
    void uploadsWhatIsNotThereWhereTheRegistrySays() throws IOException {
        RepositoryWriter writer = open(new Login.Anonymous());
        assertThat(writer.blob(BLOB, file, null)).isEqualTo(Placed.UPLOADED);
        assertThat(received.get(upload())).isEqualTo(CONTENT);
        assertThat(asked)
                .containsExactly("HEAD /v2/a/blobs/" + BLOB.digest(), "POST /v2/a/blobs/uploads/", "PUT " + upload());

        byte[] manifest = "{}".getBytes(UTF_8);
        writer.document(
                new Descriptor(MediaTypes.MANIFEST, Digest.sha256(manifest), manifest.length), Bytes.of(manifest), "t");
        assertThat(received.get("/v2/a/manifests/t")).isEqualTo(manifest);
    }

    @Test
    void sendsNothingThatIsThere() throws IOException {
        registry.answers.put("/v2/a/blobs/" + BLOB.digest(), e -> status(e, 200, null));
        assertThat(open(new Login.Anonymous()).blob(BLOB, file, "b")).isEqualTo(Placed.PRESENT);
        assertThat(asked).hasSize(1);
    }

    @Test
    void hasTheRegistryTakeABlobFromAnotherRepositoryAndUploadsItIfThatDoesNotWork() throws IOException {
        assertThat(open(new Login.Anonymous(), "b").blob(BLOB, file, "b")).isEqualTo(Placed.UPLOADED);
        assertThat(asked)
                .contains("POST /v2/a/blobs/uploads/?mount=sha256%3A"
                        + BLOB.digest().hex() + "&from=b");
        registry.answers.put("/v2/a/blobs/uploads/", e -> status(e, 201, "/v2/a/blobs/" + BLOB.digest()));
        assertThat(open(new Login.Anonymous(), "b").blob(BLOB, file, "b")).isEqualTo(Placed.MOUNTED);
    }

    @Test
    void aTokenIsAskedForWritingHereAndReadingThere() throws IOException {
        List<String> queries = new CopyOnWriteArrayList<>();
        registry.answers.put("/token", e -> {
            queries.add(e.getRequestURI().getRawQuery());
            FakeRegistry.send(e, 200, "application/json", "{\"token\":\"tok\"}".getBytes(UTF_8));
        });
        registry.answers.replaceAll((path, good) -> path.equals("/token")
                ? good
                : e -> {
                    if ("Bearer tok".equals(e.getRequestHeaders().getFirst("Authorization"))) {
                        good.to(e);
                    } else {
                        e.getResponseHeaders()
                                .set(
                                        "WWW-Authenticate",
                                        "Bearer realm=\"http://" + registry.authority()
                                                + "/token\",scope=\"repository:a:pull,push\"");
                        e.sendResponseHeaders(401, -1);
                    }
                });
        open(new Login.Basic("u", "p"), "b/c").blob(BLOB, file, "b/c");
        assertThat(queries).containsExactly("scope=repository%3Aa%3Apull%2Cpush&scope=repository%3Ab%2Fc%3Apull");
    }

    @Test
    void anUploadAtAnotherHostGetsNoCredentials() throws IOException {
        registry.answers.put("/v2/a/blobs/uploads/", e -> status(e, 202, "http://" + storage.authority() + "/upload"));
        storage.answers.put("/upload", this::take);
        assertThat(open(new Login.Bearer("secret")).blob(BLOB, file, null)).isEqualTo(Placed.UPLOADED);
        assertThat(received)
                .containsKey("/upload?digest=sha256%3A" + BLOB.digest().hex());
        assertThat(storage.seen).extracting(FakeRegistry.Seen::authorization).containsExactly((String) null);
        assertThat(registry.seen.getLast().authorization()).isEqualTo("Bearer secret");
    }

    @Test
    void aRefusalNamesTheBlobOrTheImageAndTheReason() throws IOException {
        registry.answers.put("/v2/a/blobs/uploads/", e -> e.sendResponseHeaders(403, -1));
        RepositoryWriter writer = open(new Login.Bearer("reads-only"));
        assertThatThrownBy(() -> writer.blob(BLOB, file, null))
                .isInstanceOf(UnauthorizedException.class)
                .hasMessageContaining(BLOB.digest().value())
                .hasMessageContaining(registry.authority());
        registry.answers.put(
                "/v2/a/manifests/t",
                e -> FakeRegistry.send(
                        e,
                        400,
                        "application/json",
                        "{\"errors\":[{\"code\":\"MANIFEST_BLOB_UNKNOWN\",\"message\":\"no\"}]}".getBytes(UTF_8)));
        assertThatThrownBy(() -> writer.document(BLOB, Bytes.of(CONTENT), "t"))
                .isInstanceOf(RegistryRefusedException.class)
                .hasMessageContaining("MANIFEST_BLOB_UNKNOWN");
    }
}
