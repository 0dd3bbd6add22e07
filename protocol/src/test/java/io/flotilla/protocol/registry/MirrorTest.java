package io.flotilla.protocol.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flotilla.protocol.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which of a registry and its mirrors is asked, by whom, and what is believed. */
class MirrorTest {

    private static final byte[] LAYER = "a layer, not really a tar".repeat(100).getBytes(UTF_8);
    private static final byte[] CONFIG =
            "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"diff_ids\":[]}}".getBytes(UTF_8);

    private FakeRegistry origin;
    private FakeRegistry mirror;
    private RegistryClient client;
    private Manifest manifest;

    @BeforeEach
    void start() throws IOException {
        origin = new FakeRegistry();
        mirror = new FakeRegistry();
        // The question whether they speak TLS gets no answer from these servers.
        client = new RegistryClient(
                new Timeouts(
                        Duration.ofMillis(300),
                        Duration.ofSeconds(5),
                        Duration.ofMillis(500),
                        Duration.ofMillis(1),
                        Duration.ofSeconds(2)),
                null);
        push(mirror, "hub/a");
        manifest = push(origin, "a");
    }

    @AfterEach
    void stop() {
        client.close();
        origin.close();
        mirror.close();
    }

    private static Manifest push(FakeRegistry registry, String repository) {
        Manifest pushed = new Manifest(
                2,
                MediaTypes.MANIFEST,
                registry.blob(repository, MediaTypes.CONFIG, CONFIG),
                List.of(registry.blob(repository, MediaTypes.LAYER, LAYER)),
                Map.of());
        registry.document(repository, "t", pushed, MediaTypes.MANIFEST);
        return pushed;
    }

    private RemoteRepository open(Login login, Mirror... mirrors) throws IOException {
        URI endpoint = URI.create("http://" + origin.authority());
        return client.open(origin.image("a:t"), new RegistryAccess(endpoint, false, login, null, List.of(mirrors)));
    }

    private RemoteRepository open() throws IOException {
        return open(new Login.Anonymous(), Mirror.of(mirror.authority() + "/hub"));
    }

    private Digest digest() {
        return Digest.sha256(Documents.write(manifest));
    }

    private void pullAll(RemoteRepository repository) throws IOException {
        assertThat(repository.resolve().document()).isEqualTo(manifest);
        assertThat(repository.document(digest()).document()).isEqualTo(manifest);
        assertThat(repository.small(manifest.config(), "the config")).isEqualTo(CONFIG);
        try (InputStream layer = repository.blob(manifest.layers().getFirst(), "layer 1 of 1")) {
            assertThat(layer.readAllBytes()).isEqualTo(LAYER);
        }
    }

    private List<String> paths(FakeRegistry registry) {
        return registry.seen.stream().map(FakeRegistry.Seen::path).toList();
    }

    @Test
    void theMirrorIsAskedForAllAndTheRegistryForNothing() throws IOException {
        pullAll(open());
        assertThat(origin.seen).isEmpty();
        assertThat(paths(mirror)).contains("/v2/hub/a/manifests/t");
    }

    @Test
    void theRegistryHasWhatTheMirrorLacks() throws IOException {
        mirror.answers.remove("/v2/hub/a/blobs/" + manifest.config().digest());
        pullAll(open());
        assertThat(paths(origin))
                .containsExactly("/v2/a/blobs/" + manifest.config().digest());
    }

    @Test
    void aMirrorThatFailsIsNotAskedAgain() throws IOException {
        mirror.answers.replaceAll((path, _) -> e -> FakeRegistry.send(e, 500, "text/plain", new byte[0]));
        pullAll(open());
        assertThat(paths(mirror)).containsExactly("/v2/hub/a/manifests/t");
        assertThat(paths(origin)).hasSize(4);
    }

    @Test
    void aMirrorThatIsAwayIsNoticedByNobody() throws IOException {
        mirror.close();
        pullAll(open());
    }

    @Test
    void contentThatIsNotWhatItsDigestSaysIsTakenFromTheRegistry() throws IOException {
        byte[] other = CONFIG.clone();
        other[3] ^= 1;
        mirror.answers.put("/v2/hub/a/blobs/" + manifest.config().digest(), e -> FakeRegistry.send(e, 200, "", other));
        pullAll(open());
        assertThat(paths(origin)).contains("/v2/a/blobs/" + manifest.config().digest());

        mirror.answers.put("/v2/hub/a/manifests/" + digest(), e -> FakeRegistry.send(e, 200, "", other));
        assertThat(open().document(digest()).document()).isEqualTo(manifest);
    }

    @Test
    void theRegistryGoesOnWhereTheMirrorBreaksDown() throws IOException {
        String blob = "blobs/" + manifest.layers().getFirst().digest();
        mirror.answers.put("/v2/hub/a/" + blob, e -> {
            e.sendResponseHeaders(200, LAYER.length);
            if (e.getRequestHeaders().getFirst("Range") == null) {
                e.getResponseBody().write(LAYER, 0, 700);
                e.getResponseBody().flush();
            }
        });
        origin.answers.put("/v2/a/" + blob, e -> {
            assertThat(e.getRequestHeaders().getFirst("Range")).isEqualTo("bytes=700-");
            e.getResponseHeaders().set("Content-Range", "bytes 700-" + (LAYER.length - 1) + "/*");
            e.sendResponseHeaders(206, LAYER.length - 700);
            e.getResponseBody().write(LAYER, 700, LAYER.length - 700);
        });
        pullAll(open());
        assertThat(paths(origin)).containsExactly("/v2/a/" + blob);
    }

    @Test
    void eachGetsItsOwnLoginOnly() throws IOException {
        origin.answers.remove("/v2/a/manifests/t");
        mirror.answers.remove("/v2/hub/a/manifests/t");
        Mirror known = new Mirror(mirror.authority() + "/hub", false, null, new Login.Bearer("of-the-mirror"));
        assertThatThrownBy(
                        () -> open(new Login.Bearer("of-the-registry"), known).resolve())
                .isInstanceOf(UnknownImageException.class);
        assertThat(mirror.seen).extracting(FakeRegistry.Seen::authorization).containsExactly("Bearer of-the-mirror");
        assertThat(origin.seen).extracting(FakeRegistry.Seen::authorization).containsExactly("Bearer of-the-registry");
    }

    @Test
    void aFailureTellsOfTheRegistryAndOfTheMirrors() throws IOException {
        for (FakeRegistry registry : List.of(origin, mirror)) {
            registry.answers.replaceAll((path, _) -> e -> FakeRegistry.send(e, 403, "text/plain", new byte[0]));
        }
        RemoteRepository repository = open();
        assertThatThrownBy(repository::resolve)
                .isInstanceOf(UnauthorizedException.class)
                .hasMessageStartingWith("image \"" + origin.authority() + "/a:t\": registry " + origin.authority())
                .hasMessageContaining("before that: image")
                .hasMessageContaining("mirror " + mirror.authority() + "/hub wants a login");
        assertThat(repository.hasMirrors()).isTrue();
        assertThat(repository.withoutMirrors().hasMirrors()).isFalse();
    }

    @Test
    void refusesALocationThatIsNone() {
        for (String bad :
                List.of("https://cache", "", "cache/UPPER", "user@cache", "cache:123456", "cache/../a", "-c")) {
            assertThatIllegalArgumentException()
                    .as(bad)
                    .isThrownBy(() -> Mirror.of(bad))
                    .withMessageContaining("mirror \"" + bad + "\"");
        }
    }
}
