package io.flotilla.controlplane.fleet;

import io.flotilla.protocol.Codec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The REST API as a program uses it. */
public final class Rest {

    /** An answer. */
    public record Answer(int status, JsonNode body) {}

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String base;
    private final String token;

    public Rest(String base, String token) {
        this.base = base;
        this.token = token;
    }

    public Answer get(String path) {
        return send("GET", path, null);
    }

    public Answer post(String path, Object body) {
        return send("POST", path, body);
    }

    public Answer put(String path, Object body) {
        return send("PUT", path, body);
    }

    public Answer delete(String path) {
        return send("DELETE", path, null);
    }

    /** The items of a list's first page. */
    public List<JsonNode> list(String path) {
        List<JsonNode> items = new ArrayList<>();
        get(path).body().path("items").forEach(items::add);
        return items;
    }

    /** A service of one small replica, or as {@code more} says. */
    public Answer launch(String name, Map<String, Object> more) {
        return post("/api/v1/workloads", service(name, more));
    }

    /** The body of such a launch. */
    public static Map<String, Object> service(String name, Map<String, Object> more) {
        Map<String, Object> body = new java.util.HashMap<>(Map.of(
                "name",
                name,
                "kind",
                "service",
                "image",
                "flotilla/sample",
                "resources",
                Map.of("cpu", 0.1, "memory", "16Mi")));
        body.putAll(more);
        return body;
    }

    private Answer send(String method, String path, @Nullable Object body) {
        HttpRequest.BodyPublisher publisher = body == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(Codec.encode(body));
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(method, publisher)
                .build();
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            String text = response.body().isEmpty() ? "null" : response.body();
            return new Answer(response.statusCode(), Codec.decode(text, JsonNode.class));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
