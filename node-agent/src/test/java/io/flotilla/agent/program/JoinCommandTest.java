package io.flotilla.agent.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.agent.link.EnrollingServer;
import io.flotilla.agent.link.GoBetween;
import io.flotilla.agent.link.Membership;
import io.flotilla.agent.link.TestCertificate;
import io.flotilla.protocol.Handshake;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code flotilla-agent join} as a person types it, against a server that speaks TLS. */
class JoinCommandTest {

    private static final String OTHER = "ab".repeat(32);

    @TempDir
    private static Path certificates;

    private static TestCertificate certificate;
    private static TestCertificate another;

    @TempDir
    private Path directory;

    private EnrollingServer server;

    @BeforeAll
    static void certify() throws Exception {
        certificate = TestCertificate.make(certificates.resolve("server.p12"));
        another = TestCertificate.make(certificates.resolve("another.p12"));
    }

    @BeforeEach
    void serve() throws Exception {
        server = new EnrollingServer(certificate);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private record Outcome(int code, String errors) {}

    private Outcome join(String url, String fingerprint) {
        StringWriter errors = new StringWriter();
        int code = Commands.execute(
                new PrintWriter(errors, true),
                "join",
                url,
                "--token",
                "t-1",
                "--fingerprint",
                fingerprint,
                "--no-run",
                "--data",
                directory.resolve("data").toString(),
                "--runtime",
                directory.resolve("run").toString());
        return new Outcome(code, errors.toString());
    }

    /** One clear line, a failure's exit code, and no membership. */
    private void assertRefused(Outcome outcome, String sentence) throws IOException {
        assertThat(outcome.code()).isNotZero();
        assertThat(outcome.errors().strip().lines()).singleElement().asString().contains(sentence);
        assertThat(Membership.read(directory.resolve("data/agent"))).isEmpty();
    }

    @Test
    void makesThisHostANodeAndSaysSoAgain() throws IOException {
        Outcome first = join(server.url(), server.fingerprint());
        assertThat(first).isEqualTo(new Outcome(0, "Joined as node worker-1.\n"));
        assertThat(Objects.requireNonNull(server.asked).token()).isEqualTo("t-1");
        Membership held = Membership.read(directory.resolve("data/agent")).orElseThrow();
        assertThat(held.nodeId()).isEqualTo(EnrollingServer.NODE);
        assertThat(held.fingerprint()).isEqualTo(server.fingerprint());

        server.refusal = "nobody should ask again";
        Outcome second = join(server.url(), server.fingerprint());
        assertThat(second).isEqualTo(new Outcome(0, "This host is node worker-1 already.\n"));
    }

    @Test
    void repeatsTheControlPlanesSentenceAboutATokenAndJoinsWithABetterOne() throws IOException {
        for (String sentence : new String[] {
            "The join token was used before.", "The join token has expired.", "The join token is unknown."
        }) {
            server.refusal = sentence;
            assertRefused(
                    join(server.url(), server.fingerprint()), "flotilla-agent: the control plane refused: " + sentence);
        }
        server.refusal = null;
        assertThat(join(server.url(), server.fingerprint()).code()).isZero();
    }

    @Test
    void joinsNoServerThatHasAnotherKeyThanTheJoinLineNames() throws IOException {
        assertRefused(join(server.url(), OTHER), "it is not the control plane you mean");
    }

    @Test
    void joinsNoServerThatOnlyShowsTheRightKey() throws Exception {
        server.signer = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        assertRefused(join(server.url(), server.fingerprint()), "does not hold the key that it shows");
    }

    @Test
    void joinsNoServerThatOnlyPassesOnTheRightKey() throws Exception {
        server.announcer = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        assertRefused(join(server.url(), server.fingerprint()), "does not hold the key that it shows");
        assertThat(server.asked).isNull();
    }

    @Test
    void tellsNoManInTheMiddleItsToken() throws Exception {
        try (GoBetween between = new GoBetween(another, server.port())) {
            assertRefused(join(between.url(), server.fingerprint()), "somebody is between");
            assertThat(between.read()).contains(Handshake.ANNOUNCEMENT_PATH).doesNotContain("t-1");
        }
        assertThat(server.asked).isNull();
        assertThat(join(server.url(), server.fingerprint()).code()).isZero();
    }

    @Test
    void staysWithTheControlPlaneThatItJoined() throws IOException {
        assertThat(join(server.url(), server.fingerprint()).code()).isZero();
        Outcome other = join(server.url(), OTHER);
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.errors()).contains("this host is node worker-1 of another control plane");
        assertThat(Membership.read(directory.resolve("data/agent"))
                        .orElseThrow()
                        .fingerprint())
                .isEqualTo(server.fingerprint());
    }

    @Test
    void saysWhatIsWrongWithAnAddress() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        assertRefused(join("https://127.0.0.1:" + free, OTHER), "nothing answers at https://127.0.0.1:" + free);
        assertRefused(join("http://192.0.2.1:8443", OTHER), "neither https nor on this host");
        assertRefused(join("ftp://192.0.2.1", OTHER), "is not http://HOST[:PORT] or https://HOST[:PORT]");
    }

    @Test
    void saysThatTheServerDoesNotSpeakTls() throws Exception {
        ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Thread answers = Thread.ofVirtual().start(() -> answerPlainly(plain));
        try {
            assertRefused(join("https://127.0.0.1:" + plain.getLocalPort(), OTHER), "does not speak TLS");
        } finally {
            plain.close();
            answers.join();
        }
    }

    private static void answerPlainly(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket peer = server.accept()) {
                peer.getOutputStream().write("HTTP/1.0 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                peer.shutdownOutput();
                peer.getInputStream().readAllBytes();
            } catch (IOException e) {
                // The test has closed the server, or the client the connection.
            }
        }
    }
}
