package io.flotilla.agent.image;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.flotilla.agent.link.TestCertificate;
import io.flotilla.protocol.Codec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Hands out tokens that a registry accepts (the distribution project's token authentication): to the one user for what was
 * asked, to everybody else without a password for nothing.
 */
final class TokenService implements AutoCloseable {

    static final String SERVICE = "registry of the test";
    static final String ISSUER = "tokens of the test";

    /** The queries that came, in order. */
    final List<String> asked = new CopyOnWriteArrayList<>();

    private final TestCertificate certificate;
    private final HttpServer server;

    TokenService(Path directory) throws Exception {
        certificate = TestCertificate.make(directory.resolve("tokens.p12"));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/token", this::answer);
        server.start();
    }

    TestCertificate certificate() {
        return certificate;
    }

    String realm() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/token";
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String query = exchange.getRequestURI().getRawQuery();
            asked.add(query);
            String right = "Basic "
                    + Base64.getEncoder()
                            .encodeToString((DebianRegistry.USER + ":" + DebianRegistry.PASSWORD)
                                    .getBytes(StandardCharsets.UTF_8));
            String login = exchange.getRequestHeaders().getFirst("Authorization");
            if (login != null && !login.equals(right)) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            byte[] body = Codec.encode(Map.of("token", token(query, login))).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private String token(String query, @Nullable String login) {
        long now = Instant.now().getEpochSecond();
        List<Object> access = new java.util.ArrayList<>();
        for (String parameter : query.split("&", -1)) {
            String[] scope =
                    URLDecoder.decode(parameter, StandardCharsets.UTF_8).split("[=:]", -1);
            if (login != null && scope[0].equals("scope")) {
                access.add(Map.of("type", scope[1], "name", scope[2], "actions", List.of(scope[3].split(",", -1))));
            }
        }
        String pem = certificate.pem().replaceAll("-----[^-]*-----|\\s", "");
        String signed = encoded(Map.of("typ", "JWT", "alg", "ES384", "x5c", List.of(pem))) + "."
                + encoded(Map.of(
                        "iss", ISSUER, "sub", "", "aud", SERVICE, "exp", now + 300, "nbf", now - 60, "iat", now, "jti",
                        "1", "access", access));
        try {
            // The plain form: JOSE wants the two numbers side by side (RFC 7518, 3.4).
            Signature signature = Signature.getInstance("SHA384withECDSAinP1363Format");
            signature.initSign(certificate.privateKey());
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + base64(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encoded(Object json) {
        return base64(Codec.encode(json).getBytes(StandardCharsets.UTF_8));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
