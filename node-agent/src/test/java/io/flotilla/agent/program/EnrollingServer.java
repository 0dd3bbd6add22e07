package io.flotilla.agent.program;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.Enrolment;
import io.flotilla.protocol.Handshake;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The far side of an enrolment, over TLS with a certificate of its own making. */
final class EnrollingServer implements AutoCloseable {

    static final UUID NODE = UUID.fromString("0198c0de-0000-7000-8000-000000000001");

    /** The sentence to refuse with; null to accept. */
    volatile @Nullable String refusal;

    /** The key that signs; another than the shown one for a server that only has somebody's public key. */
    volatile KeyPair signer;

    volatile Enrolment.@Nullable Request asked;

    private final KeyPair identity;
    private final HttpsServer server;

    /** @param directory keeps the certificate for the next server */
    EnrollingServer(Path directory) throws Exception {
        identity = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        signer = identity;
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls(directory.resolve("server.p12"))));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(Handshake.ENROLL_PATH, this::answer);
        server.start();
    }

    private static SSLContext tls(Path store) throws Exception {
        if (!Files.exists(store)) {
            makeCertificate(store);
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "secret".toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "secret".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private static void makeCertificate(Path store) throws Exception {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=test",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "secret",
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .start();
        String told = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool: " + told);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            Enrolment.Request request = Codec.decode(body, Enrolment.Request.class);
            asked = request;
            String no = refusal;
            byte[] answer = (no == null ? Codec.encode(accepted(request)) : Codec.encode(Map.of("detail", no)))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(no == null ? 200 : 403, answer.length);
            exchange.getResponseBody().write(answer);
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

    String fingerprint() {
        return Handshake.fingerprint(publicKey());
    }

    String url() {
        return "https://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
