package io.flotilla.agent.cli;

import io.flotilla.agent.websocket.UpgradeRefusedException;
import io.flotilla.agent.websocket.WebSocket;
import io.flotilla.protocol.Codec;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The control plane's REST interface below {@code /api/v1}, with its refusals as exceptions. */
final class Api implements AutoCloseable {

    private final URI base;
    private final String token;
    private final HttpClient client;

    Api(URI base, String token) {
        this.base = base;
        this.token = token;
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10));
        this.client =
                ("https".equalsIgnoreCase(base.getScheme()) ? builder : builder.sslContext(trustingNobody())).build();
    }

    /** For a client that speaks no TLS: without being given one it reads all certificates of the JDK, a sixth of a short command. */
    private static SSLContext trustingNobody() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[0], null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has TLS", e);
        }
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return json(send(request(path).GET().build()));
    }

    JsonNode post(String path, Object body) throws IOException, InterruptedException {
        return json(send(request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(Codec.encode(body)))
                .build()));
    }

    JsonNode put(String path, Object body) throws IOException, InterruptedException {
        return json(send(request(path)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(Codec.encode(body)))
                .build()));
    }

    JsonNode upload(String path, BodyPublisher body, String type) throws IOException, InterruptedException {
        return json(send(request(path).header("Content-Type", type).POST(body).build()));
    }

    void delete(String path) throws IOException, InterruptedException {
        try (InputStream body = send(request(path).DELETE().build())) {
            body.readAllBytes();
        }
    }

    /** A response that is read while it comes. */
    InputStream stream(String path) throws IOException, InterruptedException {
        return send(request(path).GET().build());
    }

    /** Everything that a list has, page after page. */
    List<JsonNode> list(String path) throws IOException, InterruptedException {
        List<JsonNode> items = new ArrayList<>();
        @Nullable String next = "";
        while (next != null) {
            String from = next.isEmpty() ? "" : (path.contains("?") ? "&" : "?") + "after=" + encode(next);
            JsonNode page = get(path + from);
            page.path("items").forEach(items::add);
            JsonNode cursor = page.path("next");
            next = cursor.isNull() || cursor.isMissingNode() ? null : cursor.asString();
        }
        return items;
    }

    WebSocket open(String path) throws IOException {
        WebSocket.Settings settings = new WebSocket.Settings(
                URI.create(base + "/api/v1" + path),
                null,
                Map.of("Authorization", "Bearer " + token),
                null,
                Codec.MAX_MESSAGE_BYTES,
                Duration.ofSeconds(30));
        try {
            return WebSocket.connect(settings, new SecureRandom());
        } catch (UpgradeRefusedException e) {
            throw new ApiException(e.status(), detail(e.status(), e.body()));
        } catch (ConnectException e) {
            throw unreachable(e);
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + "/api/v1" + path)).header("Authorization", "Bearer " + token);
    }

    private InputStream send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<InputStream> response;
        try {
            response = client.send(request, BodyHandlers.ofInputStream());
        } catch (ConnectException e) {
            throw unreachable(e);
        }
        if (response.statusCode() / 100 == 2) {
            return response.body();
        }
        try (InputStream body = response.body()) {
            String text = new String(body.readNBytes(64 << 10), StandardCharsets.UTF_8);
            throw new ApiException(response.statusCode(), detail(response.statusCode(), text));
        }
    }

    private IOException unreachable(ConnectException cause) {
        return new IOException("no control plane answers at " + base + "; is `flotilla up` running?", cause);
    }

    private static JsonNode json(InputStream body) throws IOException {
        try (body) {
            String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
            return Codec.decode(text.isBlank() ? "null" : text, JsonNode.class);
        }
    }

    private static String detail(int status, String body) {
        try {
            JsonNode problem = Codec.decode(body, JsonNode.class);
            String field = problem.path("field").asString("");
            String detail =
                    problem.path("detail").asString(problem.path("title").asString(""));
            return detail.isEmpty()
                    ? "the control plane answered " + status
                    : field.isEmpty() || detail.startsWith(field) ? detail : field + ": " + detail;
        } catch (IllegalArgumentException e) {
            return "the control plane answered " + status;
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
