package io.flotilla.controlplane.image;

import static io.flotilla.controlplane.image.MadeArchive.config;
import static io.flotilla.controlplane.image.MadeArchive.gzip;
import static io.flotilla.controlplane.image.MadeArchive.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.RunningControlPlane;
import io.flotilla.controlplane.RunningControlPlane.Answer;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.registry.Descriptor;
import io.flotilla.protocol.registry.Documents;
import io.flotilla.protocol.registry.Index;
import io.flotilla.protocol.registry.Manifest;
import io.flotilla.protocol.registry.MediaTypes;
import io.flotilla.protocol.registry.Platform;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Archives that are sent to the API: whole ones are images then, all others leave nothing behind. */
class ImportTest {

    @RegisterExtension
    static final RunningControlPlane plane = new RunningControlPlane();

    private static final String NAME = "flotilla/made:1";

    @AfterEach
    void forget() throws IOException {
        for (String name : List.of(NAME, "flotilla/made:2")) {
            delete(name);
        }
        assertThat(plane.bean(ContentStore.class).all()).isEqualTo(sample());
        assertThat(incoming()).isEmpty();
    }

    /** What the bundled sample consists of, which is always there. */
    private static Set<Digest> sample() throws IOException {
        Digest manifest = plane.bean(ImageService.class)
                .tag(SampleImage.REPOSITORY, SampleImage.TAG)
                .orElseThrow();
        byte[] bytes = Files.readAllBytes(plane.bean(ContentStore.class).file(manifest));
        Manifest document = (Manifest) Documents.read(bytes, null);
        return Set.of(
                manifest,
                document.config().digest(),
                document.layers().getFirst().digest());
    }

    private static List<Path> incoming() throws IOException {
        try (Stream<Path> files = Files.list(plane.settings().privateDirectory().resolve("content/incoming"))) {
            return files.toList();
        }
    }

    private static Answer upload(String name, byte[] archive) {
        return upload(name, "", archive);
    }

    private static Answer upload(String name, String more, byte[] archive) {
        return plane.send(HttpRequest.newBuilder(
                        java.net.URI.create(plane.settings().localUrl() + "/api/v1/images?name=" + name + more))
                .header("Authorization", "Bearer " + plane.adminKey())
                .POST(HttpRequest.BodyPublishers.ofByteArray(archive)));
    }

    private static Answer delete(String name) {
        return plane.ask(plane.adminKey(), "DELETE", "/api/v1/images?name=" + name, null);
    }

    private static boolean known(String name) {
        return plane.ask(plane.adminKey(), "GET", "/api/v1/images", null).body().contains("\"" + name + "\"");
    }

    static Stream<Arguments> wholeArchives() {
        MadeArchive layout = new MadeArchive();
        layout.layout(layout.image(text("a layer")));
        MadeArchive index = new MadeArchive();
        Descriptor here = index.image(text("a layer"));
        Descriptor offered = new Descriptor(
                here.mediaType(), here.digest(), here.size(), new Platform("linux", "amd64", null), Map.of());
        Descriptor elsewhere = new Descriptor(
                MediaTypes.MANIFEST, Digest.sha256(text("none")), 4, new Platform("linux", "s390x", null), Map.of());
        index.layout(index.blob(
                MediaTypes.INDEX,
                Documents.write(new Index(2, MediaTypes.INDEX, List.of(offered, elsewhere), Map.of()))));
        MadeArchive last = new MadeArchive();
        last.dockerSave(text("one"), text("two"));
        return Stream.of(
                Arguments.of("a layout", layout.bytes()),
                Arguments.of("a layout in gzip", gzip(layout.bytes())),
                Arguments.of("an index of which one platform is in the archive", index.bytes()),
                Arguments.of("docker save", last.bytes()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wholeArchives")
    void takesAWholeArchive(String what, byte[] archive) {
        Answer answer = upload(NAME, archive);
        assertThat(answer.status()).as("%s", answer).isEqualTo(201);
        assertThat(answer.body()).contains("\"linux/amd64");
        assertThat(known("flotilla/made:1")).isTrue();
        assertThat(plane.ask(plane.adminKey(), "GET", "/api/v1/images/resolve?image=" + NAME, null)
                        .status())
                .isEqualTo(200);
        assertThat(delete(NAME).status()).isEqualTo(204);
    }

    static Stream<Arguments> badArchives() {
        byte[] layer = text("a layer of some length ".repeat(100));
        MadeArchive whole = new MadeArchive();
        Descriptor manifest = whole.image(layer);
        byte[] tar = whole.layout(manifest).bytes();
        List<Arguments> bad = new ArrayList<>();
        bad.add(Arguments.of("no archive", text("hello"), "ends in the middle of a header"));
        bad.add(Arguments.of("no archive of some length", new byte[2000], "the archive is no image"));
        bad.add(Arguments.of("nothing", new byte[0], "the archive is no image"));
        bad.add(Arguments.of("a cut archive", Arrays.copyOf(tar, tar.length / 3), "ends in the middle of a member"));
        byte[] gzip = gzip(tar);
        bad.add(Arguments.of(
                "a cut archive in gzip", Arrays.copyOf(gzip, gzip.length / 2), "in the middle of a member"));
        bad.add(Arguments.of("a gzip that only begins", Arrays.copyOf(gzip, 5), "damaged or ends too early"));
        bad.add(Arguments.of("a damaged gzip", flipped(gzip, 2), "in gzip, which is damaged or ends too early"));
        bad.add(Arguments.of("a damaged header", flipped(tar, 3), "damaged header"));
        bad.add(Arguments.of("damaged content", flipped(tar, 520), "should be sha256:"));
        bad.add(Arguments.of(
                "a layout without its layer",
                layout(a -> {
                    Descriptor image = a.image(layer);
                    a.without(Digest.sha256(layer));
                    return image;
                }),
                "the archive lacks " + Digest.sha256(layer)));
        bad.add(Arguments.of(
                "a layout without its config",
                layout(a -> {
                    Descriptor image = a.image(layer);
                    a.without(Digest.sha256(config(layer)));
                    return image;
                }),
                "the archive lacks " + Digest.sha256(config(layer))));
        bad.add(Arguments.of(
                "a layer of another content",
                layout(a -> {
                    Descriptor image = a.image(layer);
                    a.member(MadeArchive.path(Digest.sha256(layer)), flipped(layer, 0));
                    return image;
                }),
                "archive member " + MadeArchive.path(Digest.sha256(layer)) + " should be "));
        bad.add(Arguments.of(
                "a config that is no JSON",
                layout(a -> a.manifest(a.blob(MediaTypes.CONFIG, text("hello")), a.blob(MediaTypes.LAYER, layer))),
                "not JSON"));
        bad.add(Arguments.of(
                "a config without rootfs",
                layout(a -> a.manifest(a.blob(MediaTypes.CONFIG, text("{}")), a.blob(MediaTypes.LAYER, layer))),
                "an image config needs rootfs"));
        bad.add(Arguments.of(
                "more layers than the config names",
                layout(a -> a.manifest(
                        a.blob(MediaTypes.CONFIG, config(layer)),
                        a.blob(MediaTypes.LAYER, layer),
                        a.blob(MediaTypes.LAYER, text("hidden")))),
                "layers are not those that its config names"));
        bad.add(Arguments.of(
                "a manifest that is no JSON", layout(a -> a.blob(MediaTypes.MANIFEST, text("hello"))), "not JSON"));
        bad.add(Arguments.of(
                "a manifest that says it is an index",
                layout(a -> a.blob(
                        MediaTypes.MANIFEST,
                        Documents.write(new Index(2, MediaTypes.INDEX, List.of(manifest), Map.of())))),
                "but was served as"));
        bad.add(Arguments.of(
                "a manifest of 5 MiB",
                layout(a -> a.blob(MediaTypes.MANIFEST, text("{\"a\":\"" + "x".repeat(5 << 20) + "\"}"))),
                "bytes; at most 4194304 are read"));
        bad.add(Arguments.of(
                "an index without any of its images",
                layout(a -> a.blob(
                        MediaTypes.INDEX,
                        Documents.write(new Index(
                                2,
                                MediaTypes.INDEX,
                                List.of(new Descriptor(MediaTypes.MANIFEST, Digest.sha256(layer), 4)),
                                Map.of())))),
                "none of the images that its index names"));
        bad.add(Arguments.of(
                "a layout without an image",
                new MadeArchive()
                        .layout()
                        .member("index.json", text("{\"schemaVersion\":2,\"manifests\":[]}"))
                        .bytes(),
                "has 0 images"));
        bad.add(Arguments.of(
                "two images",
                new MadeArchive()
                        .layout(manifest, new MadeArchive().image(text("other")))
                        .bytes(),
                "has 2 images"));
        bad.add(Arguments.of(
                "an index.json that is no JSON",
                new MadeArchive().layout().member("index.json", text("{")).bytes(),
                "not JSON"));
        bad.add(Arguments.of(
                "an index.json of 5 MiB",
                new MadeArchive()
                        .layout()
                        .member("index.json", new byte[5 << 20])
                        .bytes(),
                "index.json has 5242880 bytes; at most 4194304 are read"));
        bad.add(Arguments.of(
                "docker save without a layer",
                new MadeArchive()
                        .member(
                                "manifest.json",
                                text("[{\"Config\":\"c.json\",\"RepoTags\":null,\"Layers\":[\"gone.tar\"]}]"))
                        .member("c.json", config(layer))
                        .bytes(),
                "the archive lacks \"gone.tar\""));
        bad.add(Arguments.of(
                "docker save with other layers than its config says",
                new MadeArchive()
                        .dockerSave(text("one"), text("two"))
                        .member("0/layer.tar", text("three"))
                        .bytes(),
                "layers are not those that its config names"));
        bad.add(Arguments.of(
                "docker save of 501 layers",
                new MadeArchive().dockerSave(many(501)).bytes(),
                "overlayfs stacks at most 500"));
        bad.add(Arguments.of(
                "a manifest.json that is no list",
                new MadeArchive().member("manifest.json", text("\"hello\"")).bytes(),
                "has 0 images"));
        return bad.stream();
    }

    private interface Content {
        Descriptor into(MadeArchive archive);
    }

    private static byte[] layout(Content content) {
        MadeArchive archive = new MadeArchive();
        return archive.layout(content.into(archive)).bytes();
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] other = bytes.clone();
        other[at] ^= 1;
        return other;
    }

    private static byte[][] many(int count) {
        byte[][] layers = new byte[count][];
        Arrays.setAll(layers, i -> text("layer " + i));
        return layers;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badArchives")
    void refusesWithAReasonAndLeavesNothing(String what, byte[] archive, String reason) throws IOException {
        Answer answer = upload(NAME, archive);
        assertThat(answer.status()).as("%s", answer).isEqualTo(400);
        var problem = Codec.decode(answer.body(), tools.jackson.databind.JsonNode.class);
        assertThat(problem.path("field").asString()).isEqualTo("archive");
        assertThat(problem.path("detail").asString()).contains(reason);
        assertThat(known("flotilla/made:1")).isFalse();
        assertThat(plane.bean(ContentStore.class).all()).isEqualTo(sample());
    }

    @Test
    void nothingOutsideOfTheContentDirectoryIsEverWritten() {
        MadeArchive archive = new MadeArchive();
        archive.layout(archive.image(text("a layer")));
        archive.member("../../escaped", text("boo")).member("/escaped", text("boo"));
        assertThat(upload(NAME, archive.bytes()).status()).isEqualTo(201);
        assertThat(plane.settings().privateDirectory().resolve("escaped")).doesNotExist();
        assertThat(Path.of("/escaped")).doesNotExist();
    }

    @Test
    void namesThatAreNotKeptHereAreRefusedBeforeTheArchiveIsRead() {
        for (String name : List.of("debian:12", "flotilla/sample:latest", "flotilla/UPPER", "")) {
            Answer answer = upload(name, new byte[0]);
            assertThat(answer.status()).as("%s", answer).isEqualTo(400);
            assertThat(answer.body()).contains("\"field\":\"name\"");
        }
    }

    @Test
    void takesTheNamedOneOfSeveralImages() throws IOException {
        MadeArchive archive = new MadeArchive();
        Descriptor one = archive.image(text("one"));
        Descriptor two = archive.image(text("two"));
        archive.layout(named(one, "one:1"), named(two, "two:1"));
        assertThat(upload(NAME, "&image=three", archive.bytes()).body()).contains("0 of them called", "one:1", "two:1");
        Answer answer = upload(NAME, "&image=two:1", archive.bytes());
        assertThat(answer.body()).contains(two.digest().value());
        assertThat(plane.bean(ContentStore.class).has(Digest.sha256(text("one"))))
                .isFalse();
    }

    private static Descriptor named(Descriptor image, String name) {
        return new Descriptor(
                image.mediaType(),
                image.digest(),
                image.size(),
                null,
                Map.of("org.opencontainers.image.ref.name", name));
    }

    @Test
    void theSameArchiveManyTimesAtOnceIsOneImage() throws Exception {
        MadeArchive archive = new MadeArchive();
        Descriptor image = archive.image(text("a layer ".repeat(100_000)));
        byte[] bytes = archive.layout(image).bytes();
        List<Future<Answer>> uploads = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 12; i++) {
                String name = i % 2 == 0 ? NAME : "flotilla/made:2";
                uploads.add(threads.submit(() -> upload(name, bytes)));
            }
        }
        for (Future<Answer> each : uploads) {
            assertThat(each.get().status()).as("%s", each.get()).isEqualTo(201);
        }
        assertThat(plane.bean(ContentStore.class).all()).hasSize(6);
    }

    @Test
    void deletingKeepsWhatAnotherImageConsistsOf() throws IOException {
        byte[] shared = text("shared");
        MadeArchive one = new MadeArchive();
        Descriptor first =
                one.manifest(one.blob(MediaTypes.CONFIG, config(shared)), one.blob(MediaTypes.LAYER, shared));
        MadeArchive two = new MadeArchive();
        Descriptor second = two.manifest(
                two.blob(MediaTypes.CONFIG, config(shared, text("own"))),
                two.blob(MediaTypes.LAYER, shared),
                two.blob(MediaTypes.LAYER, text("own")));
        assertThat(upload(NAME, one.layout(first).bytes()).status()).isEqualTo(201);
        assertThat(upload("flotilla/made:2", two.layout(second).bytes()).status())
                .isEqualTo(201);
        assertThat(delete(NAME).status()).isEqualTo(204);
        assertThat(delete(NAME).status()).isEqualTo(404);
        ContentStore content = plane.bean(ContentStore.class);
        assertThat(content.has(Digest.sha256(shared))).isTrue();
        assertThat(content.has(first.digest())).isFalse();
        assertThat(content.has(second.digest())).isTrue();
        assertThat(delete("flotilla/made:2").status()).isEqualTo(204);
        assertThat(content.all()).isEqualTo(sample());
    }

    @Test
    void deletingKeepsWhatARevisionRuns() throws IOException {
        MadeArchive archive = new MadeArchive();
        Descriptor image = archive.image(text("a layer"));
        upload(NAME, archive.layout(image).bytes());
        Answer made = plane.ask(
                plane.adminKey(),
                "POST",
                "/api/v1/workloads",
                "{\"name\":\"runs\",\"kind\":\"service\",\"image\":\"" + NAME + "\"}");
        assertThat(made.status()).as("%s", made).isEqualTo(201);
        String id = Codec.decode(made.body(), tools.jackson.databind.JsonNode.class)
                .path("id")
                .asString();
        assertThat(delete(NAME).status()).isEqualTo(204);
        assertThat(plane.bean(ContentStore.class).has(image.digest())).isTrue();
        assertThat(plane.ask(plane.adminKey(), "DELETE", "/api/v1/workloads/" + id, null)
                        .status())
                .isEqualTo(204);
        io.flotilla.controlplane.fleet.Await.until(
                "the workload is gone",
                () -> plane.ask(plane.adminKey(), "GET", "/api/v1/workloads/" + id, null)
                                .status()
                        == 404);
        upload(NAME, archive.bytes());
    }

    @Test
    void aNameThatGetsAnotherImageFreesTheOldOne() throws IOException {
        MadeArchive one = new MadeArchive();
        upload(NAME, one.layout(one.image(text("one"))).bytes());
        MadeArchive two = new MadeArchive();
        upload(NAME, two.layout(two.image(text("two"))).bytes());
        assertThat(plane.bean(ContentStore.class).has(Digest.sha256(text("one"))))
                .isFalse();
        assertThat(plane.bean(ContentStore.class).has(Digest.sha256(text("two"))))
                .isTrue();
    }

    @Test
    void anUploadThatBreaksOffLeavesNothing() throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), plane.settings().port())) {
            socket.getOutputStream()
                    .write(("POST /api/v1/images?name=" + NAME
                                    + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + plane.adminKey()
                                    + "\r\nContent-Length: 1000000\r\n\r\n" + "x".repeat(10_000))
                            .getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            io.flotilla.controlplane.fleet.Await.until("it is on its way", () -> count() == 1);
        }
        io.flotilla.controlplane.fleet.Await.until("it is gone", () -> count() == 0);
        assertThat(known("flotilla/made:1")).isFalse();
    }

    private static int count() {
        try {
            return incoming().size();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
