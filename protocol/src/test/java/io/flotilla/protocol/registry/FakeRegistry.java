package io.flotilla.protocol.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A registry in memory whose behaviour a test changes path by path; keeps the requests it saw. */
final class FakeRegistry implements AutoCloseable {

    /** What a request looked like. */
    record Seen(
            String path,
            @Nullable String authorization,
            @Nullable String range) {}

    interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    final List<Seen> seen = new CopyOnWriteArrayList<>();
    final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final HttpServer server;

    FakeRegistry() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().toString();
            var headers = exchange.getRequestHeaders();
            seen.add(new Seen(path, headers.getFirst("Authorization"), headers.getFirst("Range")));
            Answer answer = answers.get(exchange.getRequestURI().getPath());
            if (answer == null) {
                send(
                        exchange,
                        404,
                        "application/json",
                        "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"no\"}]}"
                                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
            } else {
                answer.to(exchange);
            }
        }
    }

    static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    Answer answer(String path) {
        return java.util.Objects.requireNonNull(answers.get(path), path);
    }

    String authority() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    ImageName image(String rest) {
        return ImageName.parse(authority() + "/" + rest);
    }

    Descriptor blob(String repository, String mediaType, byte[] content) {
        Descriptor descriptor = new Descriptor(mediaType, Digest.sha256(content), content.length);
        answers.put(
                "/v2/" + repository + "/blobs/" + descriptor.digest(),
                e -> send(e, 200, "application/octet-stream", content));
        return descriptor;
    }

    Descriptor document(String repository, String tag, Object document, String mediaType) {
        byte[] bytes = Documents.write(document);
        Descriptor descriptor = new Descriptor(mediaType, Digest.sha256(bytes), bytes.length);
        answers.put("/v2/" + repository + "/manifests/" + tag, e -> send(e, 200, mediaType, bytes));
        answers.put("/v2/" + repository + "/manifests/" + descriptor.digest(), e -> send(e, 200, mediaType, bytes));
        return descriptor;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
