package io.flotilla.agent.link;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.flotilla.protocol.Announcement;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.Enrolment;
import io.flotilla.protocol.Handshake;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The far side of an enrolment, over TLS with a certificate of its own making, which it announces. Sessions are refused.
 */
public final class EnrollingServer implements AutoCloseable {

    public static final UUID NODE = UUID.fromString("0198c0de-0000-7000-8000-000000000001");

    /** The sentence to refuse with; null to accept. */
    public volatile @Nullable String refusal;

    /** The keys that sign; others than the shown one for a server that only has somebody's public key. */
    public volatile KeyPair signer;

    public volatile KeyPair announcer;

    public volatile Enrolment.@Nullable Request asked;

    /** How many asked for a session. */
    public final AtomicInteger sessions = new AtomicInteger();

    private final KeyPair identity;

    /** The keys of TLS that it signs for. */
    volatile List<Bytes> announced;

    /** The keys that somebody puts in their place; null: nobody does. */
    volatile @Nullable List<Bytes> altered;

    private final HttpsServer server;

    public EnrollingServer(TestCertificate certificate) throws Exception {
        announced = List.of(certificate.key());
        identity = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        signer = identity;
        announcer = identity;
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(Handshake.ENROLL_PATH, this::answer);
        server.createContext(Handshake.ANNOUNCEMENT_PATH, this::announce);
        server.createContext(Handshake.SESSION_PATH, this::refuseSession);
        server.start();
    }

    private void announce(HttpExchange exchange) throws IOException {
        String hex = exchange.getRequestURI().getQuery().substring("nonce=".length());
        List<Bytes> keys = announced;
        byte[] statement =
                Handshake.announcementStatement(Bytes.of(HexFormat.of().parseHex(hex)), keys);
        List<Bytes> shown = altered;
        send(
                exchange,
                200,
                Codec.encode(new Announcement(
                        publicKey(), shown == null ? keys : shown, Handshake.sign(announcer.getPrivate(), statement))));
    }

    private void refuseSession(HttpExchange exchange) throws IOException {
        sessions.incrementAndGet();
        send(exchange, 503, "no sessions here");
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Enrolment.Request request = Codec.decode(body, Enrolment.Request.class);
        asked = request;
        String no = refusal;
        send(
                exchange,
                no == null ? 200 : 403,
                no == null ? Codec.encode(accepted(request)) : Codec.encode(Map.of("detail", no)));
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private Enrolment.Answer accepted(Enrolment.Request request) {
        UUID controlPlane = UUID.fromString("0198c0de-0000-7000-8000-000000000002");
        byte[] statement = Handshake.enrolmentStatement(request.nonce(), request.publicKey(), NODE, controlPlane);
        return new Enrolment.Answer(
                NODE, "worker-1", controlPlane, publicKey(), Handshake.sign(signer.getPrivate(), statement));
    }

    private Bytes publicKey() {
        return Handshake.rawPublicKey(identity.getPublic());
    }

    public String fingerprint() {
        return Handshake.fingerprint(publicKey());
    }

    public String url() {
        return "https://127.0.0.1:" + port();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
