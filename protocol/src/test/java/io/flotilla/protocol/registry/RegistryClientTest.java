package io.flotilla.protocol.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RegistryClientTest {

    private static final Platform AMD64 = new Platform("linux", "amd64", null);
    private static final byte[] LAYER = "a layer, not really a tar".repeat(100).getBytes(UTF_8);

    private FakeRegistry registry;
    private RegistryClient client;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
        client = new RegistryClient(
                new Timeouts(
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        Duration.ofMillis(500),
                        Duration.ofMillis(1),
                        Duration.ofSeconds(2)),
                null);
    }

    @AfterEach
    void stop() {
        client.close();
        registry.close();
    }

    private Manifest push(String architecture) {
        byte[] config = ("{\"os\":\"linux\",\"architecture\":\"" + architecture
                        + "\",\"config\":{\"Env\":null,\"Cmd\":[\"/a\"],\"ExposedPorts\":{\"80/tcp\":{}}},"
                        + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + Digest.sha256(LAYER) + "\"]}}")
                .getBytes(UTF_8);
        Manifest manifest = new Manifest(
                2,
                MediaTypes.MANIFEST,
                registry.blob("a", MediaTypes.CONFIG, config),
                List.of(registry.blob("a", MediaTypes.LAYER, LAYER)),
                Map.of());
        registry.document("a", "t", manifest, MediaTypes.MANIFEST);
        return manifest;
    }

    /** By its endpoint: this server would only look silent to the question whether it speaks TLS. */
    private RemoteRepository open(String rest, Login login) throws IOException {
        URI endpoint = URI.create("http://" + registry.authority());
        return client.open(registry.image(rest), new RegistryAccess(endpoint, false, login));
    }

    private RemoteRepository open() throws IOException {
        return open("a:t", new Login.Anonymous());
    }

    @Test
    void readsManifestConfigAndLayersByTagAndByDigest() throws IOException {
        Manifest pushed = push("amd64");
        RemoteRepository.Fetched found = open().resolve();
        assertThat(found.document()).isEqualTo(pushed);
        ImageConfig config = open().config(pushed, AMD64);
        assertThat(config.config().cmd()).containsExactly("/a");
        assertThat(config.config().exposedPorts()).containsExactly("80/tcp");
        try (InputStream layer = open().blob(pushed.layers().getFirst(), "layer 1 of 1")) {
            assertThat(layer.readAllBytes()).isEqualTo(LAYER);
        }
        assertThat(open("a@" + found.descriptor().digest(), new Login.Anonymous())
                        .resolve()
                        .bytes())
                .isEqualTo(found.bytes());
    }

    @Test
    void picksTheManifestForTheMachineAndNamesTheOthersWhenThereIsNone() throws IOException {
        push("amd64");
        Descriptor manifest = open().resolve().descriptor();
        Index index = new Index(
                2,
                MediaTypes.INDEX,
                List.of(
                        with(manifest, new Platform("unknown", "unknown", null)),
                        with(manifest, AMD64),
                        with(manifest, new Platform("linux", "arm", "v6"))),
                Map.of());
        registry.document("a", "multi", index, MediaTypes.INDEX);
        RemoteRepository repository = open("a:multi", new Login.Anonymous());
        RemoteRepository.Fetched found = repository.resolve();
        assertThat(repository.select(found, AMD64).descriptor().digest()).isEqualTo(manifest.digest());
        assertThatThrownBy(() -> repository.select(found, new Platform("linux", "s390x", null)))
                .isInstanceOf(WrongPlatformException.class)
                .hasMessageContaining("linux/s390x")
                .hasMessageContaining("linux/amd64, linux/arm/v6");
    }

    private static Descriptor with(Descriptor d, Platform platform) {
        return new Descriptor(d.mediaType(), d.digest(), d.size(), platform, Map.of());
    }

    @Test
    void refusesASingleImageOfAnotherPlatform() throws IOException {
        Manifest manifest = push("arm64");
        assertThatThrownBy(() -> open().config(manifest, AMD64))
                .isInstanceOf(WrongPlatformException.class)
                .hasMessageContaining("linux/arm64")
                .hasMessageContaining("linux/amd64");
    }

    @Test
    void namesAnUnknownTag() {
        assertThatThrownBy(() -> open("a:nosuch", new Login.Anonymous()).resolve())
                .isInstanceOf(UnknownImageException.class)
                .hasMessageContaining("a:nosuch\" is unknown to registry " + registry.authority())
                .hasMessageContaining("MANIFEST_UNKNOWN");
    }

    @Test
    void saysThatARegistryIsAway() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        assertThatThrownBy(() -> client.open(ImageName.parse("127.0.0.1:" + port + "/a"), RegistryAccess.anonymous())
                        .resolve())
                .isInstanceOf(RegistryAwayException.class)
                .hasMessageContaining("127.0.0.1:" + port + " is away: connection refused");
    }

    @Test
    void speaksPlainHttpWithARegistryOfThisMachineThatDoesNotKnowTls() throws Exception {
        byte[] manifest = Documents.write(push("amd64"));
        ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Thread answers = Thread.ofVirtual().start(() -> answerPlainly(server, manifest));
        try {
            ImageName name = ImageName.parse("127.0.0.1:" + server.getLocalPort() + "/a:t");
            assertThat(client.open(name, RegistryAccess.anonymous()).resolve().document())
                    .isInstanceOf(Manifest.class);
        } finally {
            server.close();
            answers.join();
        }
    }

    /** As Go's HTTP servers answer: to a TLS greeting at once, with 400 and in plain text. */
    private static void answerPlainly(ServerSocket server, byte[] manifest) {
        while (!server.isClosed()) {
            try (Socket peer = server.accept()) {
                boolean tls = peer.getInputStream().read() == 0x16;
                String head = tls
                        ? "HTTP/1.0 400 Bad Request\r\n\r\nthis is no TLS\n"
                        : "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: " + MediaTypes.MANIFEST
                                + "\r\nContent-Length: " + manifest.length + "\r\n\r\n";
                peer.getOutputStream().write(head.getBytes(UTF_8));
                peer.getOutputStream().write(tls ? new byte[0] : manifest);
                peer.shutdownOutput();
                peer.getInputStream().readAllBytes();
            } catch (IOException e) {
                // The test has closed the server, or the client the connection.
            }
        }
    }

    @Test
    void triesAgainWhenAGatewayFailsInPassing() throws IOException {
        push("amd64");
        FakeRegistry.Answer good = registry.answer("/v2/a/manifests/t");
        AtomicInteger count = new AtomicInteger();
        registry.answers.put("/v2/a/manifests/t", e -> {
            if (count.incrementAndGet() < 3) {
                FakeRegistry.send(e, 503, "text/html", new byte[0]);
            } else {
                good.to(e);
            }
        });
        assertThat(open().resolve().document()).isInstanceOf(Manifest.class);
        registry.answers.put("/v2/a/manifests/t", e -> FakeRegistry.send(e, 503, "text/html", new byte[0]));
        assertThatThrownBy(() -> open().resolve())
                .isInstanceOf(RegistryAwayException.class)
                .hasMessageContaining("HTTP 503");
    }

    @Test
    void sendsAPasswordOnlyAfterItWasAskedFor() throws IOException {
        push("amd64");
        FakeRegistry.Answer good = registry.answer("/v2/a/manifests/t");
        String basic = "Basic " + Base64.getEncoder().encodeToString("u:p".getBytes(UTF_8));
        registry.answers.put("/v2/a/manifests/t", guarded(basic, "Basic realm=\"r\"", good));
        assertThat(open("a:t", new Login.Basic("u", "p")).resolve().document()).isInstanceOf(Manifest.class);
        assertThat(registry.seen.stream().filter(s -> s.path().contains("manifests")))
                .extracting(FakeRegistry.Seen::authorization)
                .containsExactly(null, basic);
        assertThatThrownBy(() -> open("a:t", new Login.Basic("u", "wrong")).resolve())
                .isInstanceOf(UnauthorizedException.class)
                .hasMessageContaining("does not let this login in");
        assertThatThrownBy(() -> open().resolve())
                .isInstanceOf(UnauthorizedException.class)
                .hasMessageContaining("wants a login, which `flotilla registry set` gives it");
    }

    private static FakeRegistry.Answer guarded(String wanted, String challenge, FakeRegistry.Answer good) {
        return e -> {
            if (wanted.equals(e.getRequestHeaders().getFirst("Authorization"))) {
                good.to(e);
            } else {
                e.getResponseHeaders().set("WWW-Authenticate", challenge);
                FakeRegistry.send(
                        e, 401, "application/json", "{\"errors\":[{\"code\":\"UNAUTHORIZED\"}]}".getBytes(UTF_8));
            }
        };
    }

    @Test
    void fetchesABearerTokenWhereTheChallengeSaysAndSharesIt() throws IOException {
        Manifest manifest = push("amd64");
        String challenge = "Bearer realm=\"http://" + registry.authority()
                + "/token\",service=\"the registry\",scope=\"repository:a:pull\"";
        registry.answers.replaceAll((path, good) -> guarded("Bearer tok-1", challenge, good));
        registry.answers.put(
                "/token", e -> FakeRegistry.send(e, 200, "application/json", "{\"token\":\"tok-1\"}".getBytes(UTF_8)));
        RemoteRepository repository = open("a:t", new Login.Basic("u", "p"));
        repository.resolve();
        repository.config(manifest, AMD64);
        List<FakeRegistry.Seen> tokens = registry.seen.stream()
                .filter(s -> s.path().startsWith("/token"))
                .toList();
        assertThat(tokens).hasSize(1);
        assertThat(tokens.getFirst().path()).isEqualTo("/token?service=the+registry&scope=repository%3Aa%3Apull");
        assertThat(tokens.getFirst().authorization()).startsWith("Basic ");
        registry.answers.put("/token", e -> FakeRegistry.send(e, 401, "application/json", new byte[0]));
        assertThatThrownBy(() -> open("a:t", new Login.Basic("u", "p")).resolve())
                .isInstanceOf(UnauthorizedException.class)
                .hasMessageContaining("refuses the login of user u");
    }

    @Test
    void neverSendsAPasswordToATokenServiceWithoutTls() {
        registry.answers.put(
                "/v2/a/manifests/t",
                guarded(
                        "x",
                        "Bearer realm=\"http://tokens.example.org/token\"",
                        e -> FakeRegistry.send(e, 200, "", LAYER)));
        assertThatThrownBy(() -> open("a:t", new Login.Basic("u", "p")).resolve())
                .isInstanceOf(RegistryRefusedException.class)
                .hasMessageContaining("http://tokens.example.org/token");
    }

    @Test
    void aRedirectToAnotherHostGetsNoCredentials() throws IOException {
        Manifest manifest = push("amd64");
        Descriptor layer = manifest.layers().getFirst();
        try (FakeRegistry store = new FakeRegistry()) {
            store.answers.put("/blob", e -> FakeRegistry.send(e, 200, "", LAYER));
            registry.answers.put(
                    "/v2/a/blobs/" + layer.digest(), e -> redirect(e, "http://" + store.authority() + "/blob"));
            RemoteRepository repository = open("a:t", new Login.Bearer("secret"));
            try (InputStream in = repository.blob(layer, "layer 1")) {
                assertThat(in.readAllBytes()).isEqualTo(LAYER);
            }
            assertThat(store.seen).extracting(FakeRegistry.Seen::authorization).containsExactly((String) null);
            assertThat(registry.seen.getLast().authorization()).isEqualTo("Bearer secret");
        }
    }

    private static void redirect(HttpExchange e, String to) throws IOException {
        e.getResponseHeaders().set("Location", to);
        FakeRegistry.send(e, 307, "text/plain", new byte[0]);
    }

    @Test
    void followsNoRedirectToAPlaceWithoutTlsAndNoEndlessOnes() throws IOException {
        Descriptor layer = push("amd64").layers().getFirst();
        String path = "/v2/a/blobs/" + layer.digest();
        registry.answers.put(path, e -> redirect(e, "http://192.0.2.1/blob"));
        assertThatThrownBy(() -> open().blob(layer, "layer 1"))
                .isInstanceOf(RegistryRefusedException.class)
                .hasMessageContaining("http://192.0.2.1");
        registry.answers.put(path, e -> redirect(e, path));
        assertThatThrownBy(() -> open().blob(layer, "layer 1"))
                .isInstanceOf(RegistryRefusedException.class)
                .hasMessageContaining("more than 5 times");
    }

    @Test
    void speaksNoPlainHttpWithAnotherMachine() {
        RegistryAccess plain = new RegistryAccess(URI.create("http://192.0.2.1:5000"), false, new Login.Anonymous());
        assertThatThrownBy(() -> client.open(ImageName.parse("flotilla/a"), plain))
                .isInstanceOf(RegistryRefusedException.class)
                .hasMessageContaining("does not use TLS");
    }

    @Test
    void refusesContentThatIsNotWhatItsDigestSays() throws IOException {
        Descriptor layer = push("amd64").layers().getFirst();
        String path = "/v2/a/blobs/" + layer.digest();
        byte[] changed = LAYER.clone();
        changed[7] ^= 1;
        for (byte[] content : List.of(changed, new byte[LAYER.length + 1], new byte[LAYER.length - 1])) {
            registry.answers.put(path, e -> FakeRegistry.send(e, 200, "", content));
            try (InputStream in = open().blob(layer, "layer 1 of 1")) {
                assertThatThrownBy(in::readAllBytes)
                        .isInstanceOf(BadDigestException.class)
                        .hasMessageStartingWith("layer 1 of 1 of " + registry.authority() + "/a:t");
            }
        }
        Digest other = Digest.sha256(changed);
        FakeRegistry.Answer manifest = registry.answer("/v2/a/manifests/t");
        registry.answers.put("/v2/a/manifests/" + other, manifest);
        assertThatThrownBy(() -> open("a@" + other, new Login.Anonymous()).resolve())
                .isInstanceOf(BadDigestException.class);
    }

    @Test
    void verifiesSha512DigestsLikewise() throws Exception {
        push("amd64");
        Digest digest = new Digest("sha512:"
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-512").digest(LAYER)));
        Descriptor layer = new Descriptor(MediaTypes.LAYER, digest, LAYER.length);
        registry.answers.put("/v2/a/blobs/" + digest, e -> FakeRegistry.send(e, 200, "", LAYER));
        try (InputStream in = open().blob(layer, "layer 1")) {
            assertThat(in.readAllBytes()).isEqualTo(LAYER);
        }
        byte[] changed = LAYER.clone();
        changed[7] ^= 1;
        registry.answers.put("/v2/a/blobs/" + digest, e -> FakeRegistry.send(e, 200, "", changed));
        try (InputStream in = open().blob(layer, "layer 1")) {
            assertThatThrownBy(in::readAllBytes)
                    .isInstanceOf(BadDigestException.class)
                    .hasMessageContaining(digest.value());
        }
    }

    @Test
    void takesABrokenDownloadUpWhereItBroke() throws IOException {
        Descriptor layer = push("amd64").layers().getFirst();
        registry.answers.put("/v2/a/blobs/" + layer.digest(), e -> {
            String range = e.getRequestHeaders().getFirst("Range");
            int from = range == null ? 0 : Integer.parseInt(range.replaceAll("[^0-9]", ""));
            int to = Math.min(LAYER.length, from + 1000);
            if (from > 0) {
                e.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (LAYER.length - 1) + "/*");
            }
            e.sendResponseHeaders(from > 0 ? 206 : 200, LAYER.length - from);
            e.getResponseBody().write(LAYER, from, to - from);
            e.getResponseBody().flush();
        });
        try (InputStream in = open().blob(layer, "layer 1")) {
            assertThat(in.readAllBytes()).isEqualTo(LAYER);
        }
        assertThat(registry.seen).extracting(FakeRegistry.Seen::range).contains("bytes=1000-", "bytes=2000-");
    }

    @Test
    void givesUpOnADownloadThatStalls() throws IOException {
        Descriptor layer = push("amd64").layers().getFirst();
        CountDownLatch over = new CountDownLatch(1);
        registry.answers.put("/v2/a/blobs/" + layer.digest(), e -> {
            e.sendResponseHeaders(200, LAYER.length);
            e.getResponseBody().write(LAYER, 0, 10);
            e.getResponseBody().flush();
            try {
                over.await();
            } catch (InterruptedException x) {
                throw new IOException(x);
            }
        });
        try (InputStream in = open().blob(layer, "layer 1")) {
            assertThatThrownBy(in::readAllBytes)
                    .isInstanceOf(RegistryAwayException.class)
                    .hasMessageContaining("no byte came");
        } finally {
            over.countDown();
        }
    }

    @Test
    void refusesDocumentsThatCouldBeTakenForAnotherKind() {
        for (String bad : List.of(
                "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}",
                "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.INDEX + "\",\"config\":{},\"layers\":[]}",
                "{\"schemaVersion\":1,\"fsLayers\":[]}",
                "{\"schemaVersion\":2,\"layers\":[]}",
                "[]",
                "<html>")) {
            assertThatThrownBy(() -> Documents.read(bad.getBytes(UTF_8), null))
                    .as(bad)
                    .isInstanceOf(BadDocumentException.class);
        }
        assertThatThrownBy(() -> Documents.read(
                        ("{\"schemaVersion\":2,\"manifests\":[],\"mediaType\":\"" + MediaTypes.INDEX + "\"}")
                                .getBytes(UTF_8),
                        MediaTypes.MANIFEST))
                .hasMessageContaining("but was served as");
    }

    @Test
    void readsTheChallengesThatRegistriesSend() {
        Challenge challenge = Challenge.parse(
                "Bearer realm=\"https://auth.example.org/token\",service=\"a \\\"b\\\"\",scope=\"repository:x:pull,push\"");
        assertThat(challenge.scheme()).isEqualTo("bearer");
        assertThat(challenge.parameters())
                .containsEntry("realm", "https://auth.example.org/token")
                .containsEntry("service", "a \"b\"")
                .containsEntry("scope", "repository:x:pull,push");
        assertThat(Challenge.preferred(List.of("Basic realm=x", "Bearer realm=\"y\""))
                        .orElseThrow()
                        .scheme())
                .isEqualTo("bearer");
        assertThat(Challenge.preferred(List.of("Negotiate"))).isEmpty();
    }
}
