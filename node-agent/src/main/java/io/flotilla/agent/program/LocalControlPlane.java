package io.flotilla.agent.program;

import io.flotilla.protocol.Codec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The control plane on this very host, asked with the key that only root can read. */
final class LocalControlPlane {

    /** What a join line says. */
    record Invitation(String token, String fingerprint) {}

    private LocalControlPlane() {}

    static Invitation invite(Path data, URI server) throws IOException, InterruptedException {
        Path key = data.resolve("control-plane/admin.key");
        if (!Files.isReadable(key)) {
            throw new IOException(key + " cannot be read: --local needs the control plane of this host and its data");
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create(server + "/api/v1/join-tokens"))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + Files.readString(key).strip())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Codec.encode(Map.of("ttlMinutes", 10))))
                .build();
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build()) {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new IOException(
                        "the control plane gives no join token: " + response.statusCode() + " " + response.body());
            }
            JsonNode body = Codec.decode(response.body(), JsonNode.class);
            return new Invitation(
                    body.path("token").asString(), body.path("fingerprint").asString());
        }
    }
}
