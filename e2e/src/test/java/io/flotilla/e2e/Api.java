package io.flotilla.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The REST API as a script would use it: a bearer token and JSON. */
public final class Api {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final String base;
    private final String token;

    Api(String base, String token) {
        this.base = base;
        this.token = token;
    }

    public record Answer(int status, JsonNode body) {

        /** The body, if the status is the one that was hoped for. */
        public JsonNode expect(int wanted) {
            if (status != wanted) {
                throw new AssertionError("status " + status + " instead of " + wanted + ": " + body);
            }
            return body;
        }
    }

    String base() {
        return base;
    }

    Api as(String otherToken) {
        return new Api(base, otherToken);
    }

    JsonNode get(String path) {
        return send("GET", path, null).expect(200);
    }

    public List<JsonNode> items(String path) {
        return StreamSupport.stream(get(path).get("items").spliterator(), false).toList();
    }

    public Answer post(String path, Map<String, ?> body) {
        return send("POST", path, JSON.writeValueAsString(body));
    }

    public Answer delete(String path) {
        return send("DELETE", path, null);
    }

    Answer send(String method, String path, @org.jspecify.annotations.Nullable String body) {
        HttpRequest.Builder request = request(path)
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        return send(request.build());
    }

    /** Uploads a file as the body. */
    Answer upload(String path, Path file) throws IOException {
        return send(request(path)
                .timeout(Duration.ofMinutes(5))
                .header("Content-Type", "application/x-tar")
                .POST(HttpRequest.BodyPublishers.ofFile(file))
                .build());
    }

    String text(String path) {
        try {
            return http.send(request(path).build(), BodyHandlers.ofString()).body();
        } catch (IOException e) {
            throw new AssertionError("GET " + path + " failed", e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** An endless answer, for log following and events. */
    public InputStream stream(String path) throws IOException, InterruptedException {
        return http.send(
                        request(path)
                                .timeout(Duration.ofMinutes(10))
                                .header("Accept", "text/event-stream, */*;q=0.5")
                                .build(),
                        BodyHandlers.ofInputStream())
                .body();
    }

    /** What a published port answers; it is nobody's API. */
    static String open(String url) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(5))
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Bearer " + token);
    }

    private Answer send(HttpRequest request) {
        try {
            var response = http.send(request, BodyHandlers.ofString());
            String text = response.body();
            return new Answer(response.statusCode(), text.isBlank() ? JSON.nullNode() : parse(text));
        } catch (IOException e) {
            throw new AssertionError(request + " failed", e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    private static JsonNode parse(String text) {
        return text.startsWith("{") || text.startsWith("[") ? JSON.readTree(text) : JSON.stringNode(text);
    }
}
