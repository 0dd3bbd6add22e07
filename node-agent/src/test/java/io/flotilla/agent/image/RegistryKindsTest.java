package io.flotilla.agent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.AgentPaths;
import io.flotilla.agent.link.TestCertificate;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.registry.Login;
import io.flotilla.protocol.registry.Manifest;
import io.flotilla.protocol.registry.MediaTypes;
import io.flotilla.protocol.registry.Mirror;
import io.flotilla.protocol.registry.RegistryAccess;
import io.flotilla.protocol.registry.RegistryAwayException;
import io.flotilla.protocol.registry.RegistryClient;
import io.flotilla.protocol.registry.UnauthorizedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole pulls from the distribution project's registry in its various settings. */
@Tag("kernel")
class RegistryKindsTest {

    private static final Login USER = new Login.Basic(DebianRegistry.USER, DebianRegistry.PASSWORD);

    @TempDir
    private Path directory;

    private Path layout;
    private RegistryClient client;
    private Images images;

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "unpacking layers needs root");
        DebianRegistry.requireTools("umoci", "skopeo", "docker-registry");
        layout = directory.resolve("layout");
        DebianRegistry.run(List.of("umoci", "init", "--layout", layout.toString()));
        DebianRegistry.run(List.of("umoci", "new", "--image", layout + ":t"));
        for (String name : List.of("one", "two")) {
            Path file = Files.writeString(directory.resolve(name), name.repeat(10_000));
            DebianRegistry.run(List.of("umoci", "insert", "--image", layout + ":t", file.toString(), "/" + name));
        }
        client = new RegistryClient();
        images = Images.open(
                AgentPaths.open(directory.resolve("data"), directory.resolve("run"), "0badf00d"),
                new RegistryClient(),
                Needs.NONE,
                InstantSource.system());
    }

    @AfterEach
    void close() {
        images.close();
        client.close();
    }

    private Path place(String name) throws IOException {
        return Files.createDirectory(directory.resolve(name));
    }

    private static ImageName image(DebianRegistry registry) {
        return ImageName.parse(registry.authority() + "/team/real:t");
    }

    /** As in the fleet: one resolves the name, another one pulls the digest. */
    private void pull(ImageName name, RegistryAccess access) throws IOException {
        Digest digest = client.open(name, access).resolve().descriptor().digest();
        pull(name, digest, access);
    }

    private void pull(ImageName name, Digest digest, RegistryAccess access) throws IOException {
        LocalImage image = images.pull(name, digest, access, PullListener.NONE);
        assertThat(image.layers().getLast().resolve("two")).hasContent("two".repeat(10_000));
    }

    @Test
    void aTokenIsFetchedForJustTheRepositoryThatIsPulled() throws Exception {
        try (TokenService tokens = new TokenService(directory);
                DebianRegistry registry = DebianRegistry.withTokens(place("registry"), tokens)) {
            registry.push(layout, "t", "team/real:t");
            tokens.asked.clear();
            pull(image(registry), RegistryAccess.of(USER));
            assertThat(tokens.asked).isNotEmpty().allMatch(q -> q.endsWith("&scope=repository%3Ateam%2Freal%3Apull"));
            assertThatThrownBy(() -> client.open(image(registry), RegistryAccess.anonymous())
                            .resolve())
                    .isInstanceOf(UnauthorizedException.class)
                    .hasMessageContaining(registry.authority());
            assertThatThrownBy(() -> client.open(
                                    image(registry), RegistryAccess.of(new Login.Basic(DebianRegistry.USER, "guess")))
                            .resolve())
                    .isInstanceOf(UnauthorizedException.class)
                    .hasMessageContaining("refuses the login of user " + DebianRegistry.USER);
        }
    }

    @Test
    void aRegistryWithACertificateOfItsOwnIsTrustedOnceItsAuthorityIsNamed() throws Exception {
        TestCertificate certificate = TestCertificate.make(directory.resolve("registry.p12"));
        try (DebianRegistry registry = DebianRegistry.withTls(place("registry"), certificate)) {
            registry.push(layout, "t", "team/real:t");
            assertThatThrownBy(() -> client.open(image(registry), RegistryAccess.anonymous())
                            .resolve())
                    .isInstanceOf(RegistryAwayException.class)
                    .hasMessageContaining("TLS: no authority that is trusted here")
                    .hasMessageContaining("flotilla registry set")
                    .hasMessageContaining("--ca");
            // "Insecure" permits plain HTTP, not a certificate that nobody vouches for.
            assertThatThrownBy(() -> client.open(image(registry), new RegistryAccess(null, true, new Login.Anonymous()))
                            .resolve())
                    .isInstanceOf(RegistryAwayException.class);
            TestCertificate other = TestCertificate.make(directory.resolve("other.p12"));
            assertThatThrownBy(
                            () -> client.open(image(registry), vouched(other)).resolve())
                    .isInstanceOf(RegistryAwayException.class);
            pull(image(registry), vouched(certificate));
        }
    }

    private static RegistryAccess vouched(TestCertificate certificate) {
        return new RegistryAccess(null, false, new Login.Anonymous(), certificate.pem(), List.of());
    }

    @Test
    void aMirrorServesWhileTheRegistryIsAway() throws Exception {
        try (DebianRegistry mirror = new DebianRegistry(place("mirror"), true)) {
            mirror.push(layout, "t", "hub/team/real:t");
            ImageName name = ImageName.parse("127.0.0.1:1/team/real:t");
            Mirror known = new Mirror(mirror.authority() + "/hub", false, null, USER);
            pull(name, new RegistryAccess(null, false, new Login.Anonymous(), null, List.of(known)));
        }
    }

    @Test
    void aLayerThatIsDamagedAtTheMirrorIsFetchedFromTheRegistry() throws Exception {
        try (DebianRegistry mirror = new DebianRegistry(place("mirror"));
                DebianRegistry registry = new DebianRegistry(place("registry"))) {
            mirror.push(layout, "t", "team/real:t");
            registry.push(layout, "t", "team/real:t");
            var found = client.open(image(registry), RegistryAccess.anonymous()).resolve();
            Path blob =
                    mirror.blob(((Manifest) found.document()).layers().getLast().digest());
            byte[] bytes = Files.readAllBytes(blob);
            bytes[bytes.length / 2] ^= 1;
            Files.write(blob, bytes);
            pull(
                    image(registry),
                    found.descriptor().digest(),
                    new RegistryAccess(
                            null, false, new Login.Anonymous(), null, List.of(Mirror.of(mirror.authority()))));
        }
    }

    @Test
    void layersInZstdGiveTheSameTree() throws Exception {
        try (DebianRegistry registry = new DebianRegistry(place("registry"))) {
            Path plain = directory.resolve("uncompressed");
            DebianRegistry.run(List.of(
                    "skopeo",
                    "copy",
                    "--quiet",
                    "--insecure-policy",
                    "--dest-decompress",
                    "oci:" + layout + ":t",
                    "dir:" + plain));
            DebianRegistry.run(List.of(
                    "skopeo",
                    "copy",
                    "--quiet",
                    "--insecure-policy",
                    "--dest-tls-verify=false",
                    "--dest-compress-format=zstd",
                    "dir:" + plain,
                    "docker://" + registry.authority() + "/team/real:t"));
            Manifest pushed = (Manifest) client.open(image(registry), RegistryAccess.anonymous())
                    .resolve()
                    .document();
            assertThat(pushed.layers()).hasSize(2).allMatch(l -> l.mediaType().equals(MediaTypes.LAYER_ZSTD));
            pull(image(registry), RegistryAccess.anonymous());
        }
    }
}
