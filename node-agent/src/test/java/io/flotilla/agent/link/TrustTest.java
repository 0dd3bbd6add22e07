package io.flotilla.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flotilla.protocol.AgentMessage;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.ControlMessage;
import io.flotilla.protocol.Handshake;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.registry.Login;
import io.flotilla.protocol.registry.RegistryAccess;
import io.flotilla.protocol.registry.RegistryClient;
import io.flotilla.protocol.registry.RegistryException;
import io.flotilla.protocol.registry.Timeouts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a man in the middle gets to see, one who has a certificate of his own and passes everything else on. */
class TrustTest {

    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    private static Path directory;

    private static TestCertificate certificate;
    private static TestCertificate another;

    private EnrollingServer server;
    private GoBetween between;

    @BeforeAll
    static void certify() throws Exception {
        certificate = TestCertificate.make(directory.resolve("server.p12"));
        another = TestCertificate.make(directory.resolve("another.p12"));
    }

    @BeforeEach
    void serve() throws Exception {
        server = new EnrollingServer(certificate);
        between = new GoBetween(another, server.port());
    }

    @AfterEach
    void stop() throws IOException {
        between.close();
        server.close();
    }

    private Trust trust(String url) {
        return new Trust(Server.parse(url), server.fingerprint());
    }

    /** What an agent that has joined says of its first session by this address. */
    private String firstFailure(String url) throws Exception {
        BlockingQueue<String> said = new LinkedBlockingQueue<>();
        Membership membership =
                new Membership(Server.parse(url), UUID.randomUUID(), "n1", UUID.randomUUID(), server.fingerprint());
        NodeKey key = NodeKey.open(directory.resolve("key"));
        Link link = new Link(membership, trust(url), key, "0", new Silent(), target -> stream -> {}, said::add);
        Thread runs = Thread.ofVirtual().start(link::run);
        try {
            return Objects.requireNonNull(said.poll(20, TimeUnit.SECONDS), "the link said nothing");
        } finally {
            link.end();
            runs.join();
        }
    }

    private static final class Silent implements LinkHandler {

        @Override
        public AgentMessage.Joined joined() {
            throw new AssertionError("no session is ever opened");
        }

        @Override
        public void opened(Session session, ControlMessage.Welcome welcome) {}

        @Override
        public void received(Session session, ControlMessage message) {}

        @Override
        public void closed(Session session) {}
    }

    @Test
    void asksForNoSessionThroughAManInTheMiddle() throws Exception {
        assertThat(firstFailure(between.url())).contains("somebody is between");
        assertThat(between.read()).contains(Handshake.ANNOUNCEMENT_PATH).doesNotContain(Handshake.SESSION_PATH);
        assertThat(server.sessions).hasValue(0);

        assertThat(firstFailure(server.url())).contains("no sessions here");
        assertThat(server.sessions).hasPositiveValue();
    }

    /** Also one who comes between later than the session. */
    @Test
    void tellsNoManInTheMiddleTheTokenForImages() throws Exception {
        Trust trust = trust(server.url());
        trust.renew(RANDOM);
        RegistryAccess access = new RegistryAccess(URI.create(between.url()), false, new Login.Bearer("read-token"));
        try (RegistryClient client = new RegistryClient(Timeouts.USUAL, trust.context())) {
            assertThatThrownBy(() -> client.open(ImageName.parse("flotilla/sample"), access)
                            .resolve())
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining("somebody is between");
        }
        assertThat(between.read()).doesNotContain("read-token").doesNotContain("/v2/");
    }

    private static void ask(Trust trust, String url) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + Handshake.SESSION_PATH))
                .timeout(Duration.ofSeconds(20))
                .build();
        Request.send(Server.parse(url), request, trust.context());
    }

    @Test
    void trustsNobodyBeforeTheFirstAnnouncementAndAnotherKeyAfterTheNext() throws Exception {
        Trust trust = trust(server.url());
        assertThatThrownBy(() -> ask(trust, server.url())).hasMessageContaining("has not said yet");
        trust.renew(RANDOM);
        assertThatThrownBy(() -> ask(trust, server.url())).hasMessageContaining("status 503");

        try (EnrollingServer rotated = new EnrollingServer(another)) {
            assertThatThrownBy(() -> ask(trust, rotated.url())).hasMessageContaining("somebody is between");
            server.announced = List.of(another.key());
            trust.renew(RANDOM);
            assertThatThrownBy(() -> ask(trust, rotated.url())).hasMessageContaining("status 503");
        }
    }

    @Test
    void refusesAnAnnouncementThatWasAltered() {
        server.altered = List.of(another.key());
        assertThatThrownBy(() -> trust(between.url()).renew(RANDOM)).hasMessageContaining("does not hold the key");
    }

    @Test
    void leavesAProxyThatIsNotAnnouncedToWhatThisMachinesJavaTrusts() throws Exception {
        server.announced = List.<Bytes>of();
        Trust trust = trust(server.url());
        trust.renew(RANDOM);
        assertThatThrownBy(() -> ask(trust, server.url())).hasMessageContaining("--proxy-cert");

        System.setProperty("javax.net.ssl.trustStore", certificate.publish(directory.resolve("trusted.p12")));
        System.setProperty("javax.net.ssl.trustStorePassword", TestCertificate.PASSWORD);
        try {
            assertThatThrownBy(() -> ask(trust, server.url())).hasMessageContaining("status 503");
            String otherName = server.url().replace("127.0.0.1", "localhost");
            assertThatThrownBy(() -> ask(trust, otherName)).hasMessageContaining("localhost");
            assertThatThrownBy(() -> ask(trust, between.url())).hasMessageContaining("--proxy-cert");
        } finally {
            System.clearProperty("javax.net.ssl.trustStore");
            System.clearProperty("javax.net.ssl.trustStorePassword");
        }
    }

    @Test
    void readsNoAnswerWithoutEnd() {
        server.altered = Collections.nCopies(100_000, another.key());
        assertThatThrownBy(() -> trust(server.url()).renew(RANDOM)).hasMessageContaining("exceeds");
    }

    @Test
    void asksNothingWhereThereIsNoTls() {
        assertThatCode(() -> trust("http://127.0.0.1:9").renew(RANDOM)).doesNotThrowAnyException();
    }
}
