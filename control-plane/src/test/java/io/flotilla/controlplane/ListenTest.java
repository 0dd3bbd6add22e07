package io.flotilla.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.database.Directories;
import io.flotilla.controlplane.database.TestDatabase;
import io.flotilla.controlplane.settings.Settings;
import io.flotilla.protocol.Announcement;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.Handshake;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine;

/** How the control plane listens, on real sockets: what protects the way beyond loopback, and what is refused. */
class ListenTest {

    @TempDir
    Path directory;

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    /** Runs with this protection beyond loopback, here another port of 127.0.0.1, and hands over what others type. */
    private <T> T running(String name, Settings.Protection protection, Function<String, T> use) throws IOException {
        Path data = Directories.ensure(directory.resolve(name), "rwx--x--x");
        Settings.Beyond beyond = new Settings.Beyond("127.0.0.1", freePort(), protection);
        Settings settings = new Settings(data, freePort(), 0, null, null, beyond, null);
        Directories.ensure(settings.privateDirectory(), "rwx------");
        ConfigurableApplicationContext context = Application.start(settings, TestDatabase.begun("listen"));
        try {
            return use.apply("127.0.0.1:" + beyond.port());
        } finally {
            context.close();
        }
    }

    private static HttpResponse<String> get(HttpClient.Builder client, String url) {
        try (HttpClient made = client.build()) {
            return made.send(
                    HttpRequest.newBuilder(URI.create(url))
                            .header("X-Forwarded-For", "192.0.2.7")
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A client that believes this certificate and no other, and checks names and addresses. */
    private static HttpClient.Builder trusting(Path certificate) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(certificate)) {
            store.setCertificateEntry(
                    "it", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context);
    }

    @Test
    void makesACertificateAtTheFirstStartKeepsItAndTakesOneThatIsGiven() throws Exception {
        Path certificate = directory.resolve("own/control-plane/tls/certificate.pem");
        Path key = directory.resolve("own/control-plane/tls/key.pem");
        Settings.Protection own = new Settings.Protection.OwnCertificate();
        int first = running("own", own, address -> status(certificate, address));
        byte[] made = Files.readAllBytes(certificate);
        int second = running("own", own, address -> status(certificate, address));
        assertThat(first).isEqualTo(200);
        assertThat(second).isEqualTo(200);
        assertThat(Files.readAllBytes(certificate)).isEqualTo(made);

        Settings.Protection given = new Settings.Protection.GivenCertificate(certificate, key);
        int third = running("given", given, address -> status(certificate, address));
        assertThat(third).isEqualTo(200);
        assertThat(directory.resolve("given/control-plane/tls")).doesNotExist();
    }

    private static int status(Path certificate, String address) {
        try {
            HttpClient.Builder client = trusting(certificate);
            return get(client, "https://" + address + "/api/v1/openapi.json").statusCode();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void takesBrowsersBehindAProxyForSecureOnes() throws Exception {
        HttpResponse<String> answer = running(
                "proxy",
                new Settings.Protection.BehindProxy(null),
                address -> get(HttpClient.newBuilder(), "http://" + address + "/api/v1/openapi.json"));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Strict-Transport-Security")).isPresent();
    }

    private static final Bytes NONCE = Bytes.of(new byte[32]);

    /** What is announced for a nonce; its signature is checked here. */
    private static List<Bytes> announced(HttpClient.Builder client, String base) {
        String body = get(client, base + Handshake.ANNOUNCEMENT_PATH + "?nonce=" + "00".repeat(32))
                .body();
        Announcement announcement = Codec.decode(body, Announcement.class);
        byte[] statement = Handshake.announcementStatement(NONCE, announcement.tlsKeys());
        assertThat(Handshake.verify(announcement.publicKey(), statement, announcement.signature()))
                .isTrue();
        return announcement.tlsKeys();
    }

    private static Bytes keyOf(Path certificate) throws Exception {
        try (InputStream in = Files.newInputStream(certificate)) {
            return Handshake.tlsKey(CertificateFactory.getInstance("X.509")
                    .generateCertificate(in)
                    .getPublicKey());
        }
    }

    @Test
    void announcesTheKeyThatItServesTlsWithOrItsProxysNewest() throws Exception {
        Settings.Protection own = new Settings.Protection.OwnCertificate();
        Path first = directory.resolve("one/control-plane/tls/certificate.pem");
        Path second = directory.resolve("two/control-plane/tls/certificate.pem");
        List<Bytes> one = running("one", own, address -> announcedByTls(first, address));
        List<Bytes> two = running("two", own, address -> announcedByTls(second, address));
        assertThat(one).containsExactly(keyOf(first));
        assertThat(two).containsExactly(keyOf(second)).doesNotContain(keyOf(first));

        Path proxys = Files.copy(first, directory.resolve("proxy.pem"));
        Settings.Protection proxy = new Settings.Protection.BehindProxy(proxys);
        List<List<Bytes>> seen = running("behind", proxy, address -> {
            List<List<Bytes>> all = new ArrayList<>();
            all.add(announced(HttpClient.newBuilder(), "http://" + address));
            replace(proxys, second);
            all.add(announced(HttpClient.newBuilder(), "http://" + address));
            replace(proxys, null);
            all.add(announced(HttpClient.newBuilder(), "http://" + address));
            return all;
        });
        assertThat(seen).containsExactly(List.of(keyOf(first)), List.of(keyOf(second)), List.of(keyOf(second)));

        Settings.Protection trusted = new Settings.Protection.BehindProxy(null);
        List<Bytes> none =
                running("trusted", trusted, address -> announced(HttpClient.newBuilder(), "http://" + address));
        assertThat(none).isEmpty();
    }

    private static List<Bytes> announcedByTls(Path certificate, String address) {
        try {
            return announced(trusting(certificate), "https://" + address);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Puts another certificate in a file, or none. */
    private static void replace(Path file, @Nullable Path by) {
        try {
            Files.delete(file);
            if (by != null) {
                Files.copy(by, file);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The exit code, a line break and what was said. */
    private String run(String... arguments) {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            String[] all = new String[arguments.length + 1];
            all[0] = "--data=" + directory.resolve("never");
            System.arraycopy(arguments, 0, all, 1, arguments.length);
            int code = new CommandLine(new ControlPlane()).execute(all);
            return code + "\n" + said.toString(StandardCharsets.UTF_8);
        } finally {
            System.setErr(before);
        }
    }

    @Test
    void namesTheProxysCertificateThatIsNotThere() {
        assertThat(run("--listen=127.0.0.1:1", "--behind-proxy", "--proxy-cert=/nowhere/a.pem"))
                .startsWith("2\n")
                .contains("--proxy-cert \"/nowhere/a.pem\" cannot be read");
        assertThat(directory.resolve("never")).doesNotExist();
    }

    @Test
    void namesThePortThatIsTakenAndTheOptionInOneLine() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());
            for (String said : new String[] {
                run("--port", port), run("--port", String.valueOf(freePort()), "--listen", "127.0.0.1:" + port)
            }) {
                assertThat(said.lines()).hasSize(2);
                assertThat(said).startsWith("3\n").contains("port " + port);
            }
            assertThat(run("--port", port)).contains("give another --port");
        }
        assertThat(directory.resolve("never")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({
        "--tls-cert=a.pem, go together",
        "--behind-proxy, need --listen",
        "--proxy-cert=a.pem, needs --behind-proxy",
        "--listen=, must look like",
        "--listen=0.0.0.0:x, must look like",
    })
    void startsNothingWithOptionsThatDoNotFit(String option, String reason) {
        assertThat(run(option)).startsWith("2\n").contains(reason);
        assertThat(directory.resolve("never")).doesNotExist();
    }
}
